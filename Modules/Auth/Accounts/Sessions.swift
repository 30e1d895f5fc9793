package import Domain
import FoundationEssentials

/// A person's sessions, by one of them. All functions throw ``Refusal``.
package struct Sessions: Sendable {
    private let store: any SessionStore
    private let now: Now

    package init(store: any SessionStore, now: @escaping Now) {
        self.store = store
        self.now = now
    }

    package func list(_ page: PageRequest, as principal: Principal) async throws -> Page<SessionSummary> {
        try principal.requireSession()
        return try await store.sessions(of: principal.user.id, page, at: now())
    }

    package func end(_ id: SessionID, as principal: Principal, from origin: Origin) async throws {
        try principal.requireSession()
        let audit = AuditEntry(.sessionEnded, of: .session(id), by: .user(principal.user.id), from: origin, at: now().microseconds)
        guard try await store.end(id, of: principal.user.id, audit, in: principal.tenant.id) else { throw Refusal.notFound }
    }

    package func endOthers(as principal: Principal, from origin: Origin) async throws {
        let session = try principal.requireSession()
        let audit = AuditEntry(
            .sessionsEnded, of: .user(principal.user.id), by: .user(principal.user.id), from: origin, at: now().microseconds,
            changes: ["kept": session.id.description])
        try await store.endOthers(than: session.id, of: principal.user.id, audit, in: principal.tenant.id)
    }
}
