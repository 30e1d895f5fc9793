/// What follows from what was noticed of tokens, by their tenants' policies.
package protocol TokenReactions: Sendable {
    /// Takes reports of found tokens, and handles up to `most` events that nobody has, those first by which tokens may end: each becomes a
    /// notice. Answers the tokens that were ended or switched off.
    func handle(_ most: Int) async throws -> [TokenReaction]

    /// Notes up to `most` tokens of each threshold whose end is near, or just was. Answers how many.
    func noteExpiries(_ most: Int) async throws -> Int
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
