/// What happened in one tenant, the newest first.
package struct AuditLog: Sendable {
    private let store: any AuditStore

    package init(store: any AuditStore) { self.store = store }

    /// A page of the tenant's entries. Throws ``Refusal``.
    package func page(_ filter: AuditFilter, _ page: PageRequest, as principal: Principal) async throws -> Page<AuditEvent> {
        try principal.require(.auditRead)
        return try await store.events(in: principal.tenant.id, filter, page)
    }
}

/// One tenant's audit log as the database keeps it.
package protocol AuditStore: Sendable {
    /// The newest first, uncounted.
    func events(in tenant: TenantID, _ filter: AuditFilter, _ page: PageRequest) async throws -> Page<AuditEvent>
}

/// The audit logs of all tenants, for platform administrators.
package protocol PlatformAuditStore: Sendable {
    /// The newest first, uncounted; of all tenants where `tenant` is nil.
    func events(of tenant: TenantID?, _ filter: AuditFilter, _ page: PageRequest) async throws -> Page<AuditEvent>
}
