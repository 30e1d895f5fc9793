package import Domain

/// Takes what strangers found: it is stored here and handled within seconds, so that the answer tells nothing about a token.
package struct LeakReports: Sendable {
    private let store: any LeakReportStore

    package init(store: any LeakReportStore) { self.store = store }

    /// How many tokens one report may name.
    package static let most = 100

    /// Stores what could be tokens of ours; the rest ends here. Throws ``Refusal`` if it can't be stored.
    package func report(_ tokens: [String]) async throws {
        let reports = tokens.compactMap { APITokenFormat.parse($0) }.map { LeakReport(tenant: $0.tenant, token: $0.id, hash: $0.hash) }
        if !reports.isEmpty { try await store.store(reports) }
    }
}
