package import Domain
import FoundationEssentials

/// How an operator manages the platform's own introspectors, past the API. Throws ``Refusal``.
package struct Introspectors: Sendable {
    private let store: any IntrospectorStore
    private let now: Now

    package init(store: any IntrospectorStore, now: @escaping Now) {
        self.store = store
        self.now = now
    }

    /// Makes one. The plain string in the answer is the only copy there will ever be.
    package func create(_ name: String) async throws -> (introspector: Introspector, plain: PlainToken) {
        let time = now().microseconds
        let id = IntrospectorID.timeOrdered(at: time)
        guard let (plain, hash) = IntrospectorFormat.mint(id) else { throw Refusal(.internalError, "No secret could be made.") }
        let introspector = Introspector(id: id, name: name, createdAt: time)
        try await store.insert(introspector, hash: hash, entry(.introspectorCreated, id, at: time, changes: ["name": name]))
        return (introspector, plain)
    }

    /// All there ever were, the newest first.
    package func all() async throws -> [Introspector] { try await store.introspectors() }

    /// Revokes one for good: the next request that shows its secret is refused.
    package func revoke(_ id: IntrospectorID) async throws -> IntrospectorEnding {
        try await store.revoke(id, entry(.introspectorRevoked, id, at: now().microseconds))
    }

    private func entry(_ action: AuditAction, _ id: IntrospectorID, at time: Date, changes: [String: String?] = [:]) -> AuditEntry {
        let origin = Origin(ipAddress: nil, userAgent: nil, requestID: .v7(at: time))
        return AuditEntry(action, of: .introspector(id), by: .system, from: origin, at: time, changes: changes)
    }
}
