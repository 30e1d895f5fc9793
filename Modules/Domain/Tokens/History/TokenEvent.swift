package import FoundationEssentials

/// Something that happened to a token: a change of it, or what its usage showed.
package struct TokenEvent: Sendable {
    package let id: UUID
    /// e.g. `token.rotated`; what the usage showed begins with `token.` as well.
    package let kind: String
    package let occurredAt: Date
    /// nil: nobody did it.
    package let actor: Actor?
    package let ipAddress: IPAddress?
    package let changes: [String: String?]

    package init(id: UUID, kind: String, occurredAt: Date, actor: Actor?, ipAddress: IPAddress?, changes: [String: String?]) {
        self.id = id
        self.kind = kind
        self.occurredAt = occurredAt
        self.actor = actor
        self.ipAddress = ipAddress
        self.changes = changes
    }

    /// Who did it, as the audit log names them.
    package struct Actor: Sendable {
        /// `user`, `api_token`, `service_account`, `system` or `anonymous`.
        package let kind: String
        package let id: UUID?

        package init(kind: String, id: UUID?) {
            self.kind = kind
            self.id = id
        }
    }
}

/// A page of a token's history with the token's owner, whom the reader is checked against.
package struct TokenHistoryPage: Sendable {
    /// nil: there is no such token.
    package let owner: SubjectID?
    package let page: Page<TokenEvent>

    package init(owner: SubjectID?, page: Page<TokenEvent>) {
        self.owner = owner
        self.page = page
    }
}

/// Tokens' histories as the database keeps them; every call sees one tenant only.
package protocol TokenHistoryStore: Sendable {
    /// The newest first, also of a deleted token.
    func events(of token: TokenID, in tenant: TenantID, _ page: PageRequest) async throws -> TokenHistoryPage
}

/// What happened to one token, the newest first.
package struct TokenHistory: Sendable {
    private let store: any TokenHistoryStore

    package init(store: any TokenHistoryStore) { self.store = store }

    /// A page of the history of token `id`, also of a deleted one. Throws ``Refusal``.
    package func page(of id: TokenID, _ page: PageRequest, as principal: Principal) async throws -> Page<TokenEvent> {
        try principal.require(.tokensRead)
        let found = try await store.events(of: id, in: principal.tenant.id, page)
        guard let owner = found.owner, principal.mayReadTokens(of: owner) else { throw Refusal.notFound }
        return found.page
    }
}
