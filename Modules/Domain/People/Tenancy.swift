import FoundationEssentials

/// What owners do with their tenant, by a session. All functions throw ``Refusal``.
package struct Tenancy: Sendable {
    private let store: any TenantStore
    private let now: Now

    package init(store: any TenantStore, now: @escaping Now) {
        self.store = store
        self.now = now
    }

    /// Applies `change`; what is so already changes nothing, not even the version.
    package func change(
        _ change: TenantChange, as principal: Principal, from origin: Origin, if precondition: Precondition = .none
    ) async throws -> Tenant {
        try principal.requirePerson(from: .owner)
        let audit = AuditEntry(
            .tenantChanged, of: .tenant(principal.tenant.id), by: principal.auditActor, from: origin, at: now().microseconds,
            changes: change.name.map { ["name": $0] } ?? [:])
        guard let tenant = try await store.change(principal.tenant.id, change, by: principal.standing, if: precondition, audit) else {
            throw Refusal.notFound
        }
        return tenant
    }

    /// Ends the tenant: its sessions and tokens are refused from now on. Takes a fresh session.
    package func delete(as principal: Principal, from origin: Origin) async throws {
        try principal.requirePerson(from: .owner)
        let time = now().microseconds
        try principal.requireFresh(at: time)
        let audit = AuditEntry(.tenantDeleted, of: .tenant(principal.tenant.id), by: principal.auditActor, from: origin, at: time)
        guard try await store.delete(principal.tenant.id, by: principal.standing, audit) else { throw Refusal.notFound }
    }
}

/// What an owner asks to change; nil members stay.
package struct TenantChange: Sendable {
    package let name: String?

    package init(name: String?) { self.name = name }
}

/// The tenant's own row, as its owners change it; each change writes its audit entry with it, at the entry's time. Both throw
/// ``ErrorCode/forbidden`` if `actor` no longer stands as the decision supposed.
package protocol TenantStore: Sendable {
    /// The tenant after `change`; nil if it is deleted. Nothing is written where nothing differs. Throws ``ErrorCode/preconditionFailed``.
    func change(
        _ tenant: TenantID, _ change: TenantChange, by actor: Standing, if precondition: Precondition, _ audit: AuditEntry
    ) async throws -> Tenant?

    /// False if it is deleted already.
    func delete(_ tenant: TenantID, by actor: Standing, _ audit: AuditEntry) async throws -> Bool
}
