package import FoundationEssentials

extension TokenProof {
    /// Whether a token with these scopes and this end is at most as broad as this one: a token acting on tokens may make
    /// or set no other.
    package func covers(_ scopes: [Scope], until end: Date?) -> Bool {
        guard scopes.permissions.isSubset(of: self.scopes.permissions) else { return false }
        guard let expiresAt else { return true }
        return end.map { $0 <= expiresAt } ?? false
    }
}
