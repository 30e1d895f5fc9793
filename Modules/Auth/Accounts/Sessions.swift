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

    package func list(_ page: PageRequest, of person: Person) async throws -> Page<SessionSummary> {
        try await store.sessions(of: person.id, page, at: now())
    }

    package func end(_ id: SessionID, of person: Person, from origin: Origin) async throws {
        let audit = AuditEntry(.sessionEnded, of: .session(id), by: .user(person.id), from: origin, at: now().microseconds)
        guard try await store.end(id, of: person.id, audit, in: person.realm) else { throw Refusal.notFound }
    }

    package func endOthers(of person: Person, from origin: Origin) async throws {
        let audit = AuditEntry(
            .sessionsEnded, of: .user(person.id), by: .user(person.id), from: origin, at: now().microseconds,
            changes: ["kept": person.session.id.description])
        try await store.endOthers(than: person.session.id, of: person.id, audit, in: person.realm)
    }
}
