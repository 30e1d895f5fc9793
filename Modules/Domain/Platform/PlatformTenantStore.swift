/// Which tenants a list shows; deleted ones are in none.
package struct PlatformTenantFilter: Sendable {
    /// Part of the name or slug, in any case.
    package var search: String?
    package var status: Tenant.Status?

    package init(search: String? = nil, status: Tenant.Status? = nil) {
        self.search = search
        self.status = status
    }
}

/// All tenants, for platform administrators. Each change is stored with its audit entry, in the log of the tenant it is about.
package protocol PlatformTenantStore: Sendable {
    /// The newest first.
    func tenants(_ filter: PlatformTenantFilter, _ page: PageRequest) async throws -> Page<Tenant>

    func tenant(_ id: TenantID) async throws -> Tenant?

    /// Makes a tenant whose owner is the account that has confirmed that e-mail, or else whoever accepts the invitation that is mailed there.
    /// Throws ``ErrorCode/slugTaken``.
    func create(_ tenant: Tenant.Reference, owner: Invitation, _ audit: AuditEntry) async throws

    /// The tenant after the change; nil if there is none. What is so already changes nothing. Throws ``ErrorCode/preconditionFailed``.
    func setStatus(
        of tenant: TenantID, to status: Tenant.Status, if precondition: Precondition, _ audit: AuditEntry
    ) async throws -> Tenant?
}
