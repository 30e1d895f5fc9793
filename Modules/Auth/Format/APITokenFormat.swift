package import Domain
import FoundationEssentials

/// `tsr_` + token id + tenant id + `_` + secret + checksum: 98 characters.
package enum APITokenFormat {
    /// What a token string says of itself, and its hash.
    package struct Parsed: Sendable {
        package let id: TokenID
        package let tenant: TenantID
        package let hash: HashedToken
    }

    /// Shape and checksum, without asking anyone; nil for everything that was never one of ours.
    package static func parse(_ text: some StringProtocol) -> Parsed? {
        let bytes = Array(text.utf8)
        guard let ids = CredentialFormat.apiToken.parse(bytes), let hash = CredentialFormat.hash(bytes) else { return nil }
        return Parsed(id: TokenID(ids[0]), tenant: TenantID(ids[1]), hash: hash)
    }
}

/// Makes API tokens.
package struct APITokenMint: TokenMint {
    package init() {}

    package func mint(_ id: TokenID, in tenant: TenantID) -> MintedToken {
        let text = CredentialFormat.apiToken.mint([id.uuid, tenant.uuid])
        let hash = CredentialFormat.hash(text)
        guard let hash else { preconditionFailure("SHA-256 has 32 bytes") }
        let string = String(decoding: text, as: UTF8.self)
        return MintedToken(plain: PlainToken(string), hash: hash, prefix: String(string.prefix(12)))
    }
}
