package import Domain

/// Takes what strangers found: it is stored here and handled within seconds, so that the answer tells nothing about a token.
package struct LeakReports: Sendable {
    private let store: any LeakReportStore
    private let foreign: ForeignTokens

    package init(store: any LeakReportStore, foreign: ForeignTokens) {
        self.store = store
        self.foreign = foreign
    }

    /// How many tokens one report may name.
    package static let most = 100

    /// Stores what could be tokens of ours; the rest ends here. Throws ``Refusal`` if it can't be stored.
    package func report(_ tokens: [String]) async throws {
        let reports = try tokens.compactMap(report)
        if !reports.isEmpty { try await store.store(reports) }
    }

    private func report(_ text: String) throws(Refusal) -> LeakReport? {
        if let token = APITokenFormat.parse(text) { return LeakReport(tenant: token.tenant, token: token.id, hash: token.hash) }
        return try foreign.parse(text).map { LeakReport(tenant: $0.tenant, token: nil, hash: $0.hash) }
    }
}
