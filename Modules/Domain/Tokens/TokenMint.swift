/// Makes the secret string of a new token. Implemented where hashing lives.
package protocol TokenMint: Sendable {
    func mint(_ id: TokenID, for owner: SubjectID, in tenant: TenantID) -> MintedToken
}

/// A token string fresh from the mint, with what is stored of it.
package struct MintedToken: Sendable {
    package let plain: PlainToken
    package let hash: HashedToken
    /// e.g. `tsr_4fK9xQ2b`, or `tss_…` for a service account's.
    package let prefix: String

    package init(plain: PlainToken, hash: HashedToken, prefix: String) {
        self.plain = plain
        self.hash = hash
        self.prefix = prefix
    }
}
