package import Domain

/// What happened in all tenants, and on the platform. Throws ``Refusal``.
package struct PlatformAudit: Sendable {
    private let store: any PlatformAuditStore

    package init(store: any PlatformAuditStore) { self.store = store }

    /// A page of the entries, the newest first; of all tenants where `tenant` is nil.
    package func page(
        of tenant: TenantID?, _ filter: AuditFilter, _ page: PageRequest, as person: Person
    ) async throws -> Page<AuditEvent> {
        try person.requirePlatformAdmin()
        return try await store.events(of: tenant, filter, page)
    }
}
