package import FoundationEssentials

/// What one token did, newest first.
package struct UsageLog: Sendable {
    private let store: any UsageStore

    package init(store: any UsageStore) { self.store = store }

    /// A page of the requests made with token `id`, also of a deleted one. Throws ``Refusal``.
    package func page(of id: TokenID, _ filter: UsageFilter, _ page: PageRequest, as principal: Principal) async throws -> Page<UsageRecord> {
        try principal.require(.usageRead)
        let found = try await store.usage(of: id, in: principal.tenant.id, filter, page)
        guard let owner = found.owner, principal.mayReadTokens(of: owner) else { throw Refusal.notFound }
        return found.page
    }
}

/// The usage log as the database keeps it; every call sees one tenant only.
package protocol UsageStore: Sendable {
    /// The page, and whose token it is (nil: there is no such token), in one round trip.
    func usage(of token: TokenID, in tenant: TenantID, _ filter: UsageFilter, _ page: PageRequest) async throws -> UsagePage
}

/// A page of usage with the token's owner, whom the reader is checked against.
package struct UsagePage: Sendable {
    package let owner: SubjectID?
    package let page: Page<UsageRecord>

    package init(owner: SubjectID?, page: Page<UsageRecord>) {
        self.owner = owner
        self.page = page
    }
}

/// Which records a page shows.
package struct UsageFilter: Sendable {
    /// Inclusive.
    package var from: Date?
    /// Exclusive.
    package var to: Date?
    package var status: StatusFilter?
    /// e.g. `GET`.
    package var method: String?
    /// The route template, exactly.
    package var endpoint: String?

    package init(from: Date? = nil, to: Date? = nil, status: StatusFilter? = nil, method: String? = nil, endpoint: String? = nil) {
        self.from = from
        self.to = to
        self.status = status
        self.method = method
        self.endpoint = endpoint
    }

    /// One status, or a class of them.
    package struct StatusFilter: Hashable, Sendable {
        package let range: ClosedRange<Int>

        /// `200`–`599`, or `1xx`–`5xx`; nil for anything else.
        package init?(_ text: some StringProtocol) {
            if text.utf8.count == 3, text.hasSuffix("xx"), let digit = text.first?.wholeNumberValue, (1...5).contains(digit) {
                range = digit * 100...digit * 100 + 99
            } else if text.utf8.count == 3, text.utf8.allSatisfy({ (48...57).contains($0) }), let status = Int(text), (100...599).contains(status) {
                range = status...status
            } else {
                return nil
            }
        }
    }
}
