package import Domain
import FoundationEssentials

/// `tsr_`, or `tss_` for a service account's, + token id + tenant id + `_` + secret + checksum: 98 characters.
package enum APITokenFormat {
    /// What a token string says of itself, and its hash.
    package struct Parsed: Sendable {
        package let kind: TokenKind
        package let id: TokenID
        package let tenant: TenantID
        package let hash: HashedToken
    }

    /// Shape and checksum, without asking anyone; nil for everything that was never one of ours.
    package static func parse(_ text: some StringProtocol) -> Parsed? {
        let bytes = Array(text.utf8)
        for kind in TokenKind.allCases {
            guard let ids = kind.format.parse(bytes), let hash = CredentialFormat.hash(bytes) else { continue }
            return Parsed(kind: kind, id: TokenID(ids[0]), tenant: TenantID(ids[1]), hash: hash)
        }
        return nil
    }
}

/// Makes API tokens.
package struct APITokenMint: TokenMint {
    package init() {}

    package func mint(_ id: TokenID, for owner: SubjectID, in tenant: TenantID) -> MintedToken {
        let text = owner.tokenKind.format.mint([id.uuid, tenant.uuid])
        let hash = CredentialFormat.hash(text)
        guard let hash else { preconditionFailure("SHA-256 has 32 bytes") }
        let string = String(decoding: text, as: UTF8.self)
        return MintedToken(plain: PlainToken(string), hash: hash, prefix: String(string.prefix(12)))
    }
}

extension TokenKind {
    fileprivate var format: CredentialFormat {
        switch self {
        case .user: .apiToken
        case .serviceAccount: .serviceAccountToken
        }
    }
}

extension SubjectID {
    fileprivate var tokenKind: TokenKind {
        switch self {
        case .user: .user
        case .serviceAccount: .serviceAccount
        }
    }
}
