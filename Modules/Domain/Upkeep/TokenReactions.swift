/// What follows from what tokens' usage shows, by their tenants' policies.
package protocol TokenReactions: Sendable {
    /// Handles up to `most` events that nobody has. Answers the tokens that were ended or switched off for one.
    func handle(_ most: Int) async throws -> [TokenReaction]
}

/// A token that was ended or switched off.
package struct TokenReaction: Sendable {
    package let tenant: TenantID
    package let token: TokenID
    /// e.g. `ended_secret_used`.
    package let kind: String
    /// e.g. `revoke`.
    package let reaction: String

    package init(tenant: TenantID, token: TokenID, kind: String, reaction: String) {
        self.tenant = tenant
        self.token = token
        self.kind = kind
        self.reaction = reaction
    }
}
