package import FoundationEssentials

/// A tenant's limits as they were set at some time.
package struct TenantLimitChange: Sendable {
    package let tenant: TenantID
    package let limits: TenantLimits
    /// By the database's clock.
    package let changedAt: Date

    package init(tenant: TenantID, limits: TenantLimits, changedAt: Date) {
        self.tenant = tenant
        self.limits = limits
        self.changedAt = changedAt
    }
}

/// What nodes hear of tenants' limits.
package protocol TenantLimitChanges: Sendable {
    /// All that was changed since ten seconds before `time`, so that a change whose transaction took a while isn't missed; nil: everything.
    func changes(since time: Date?) async throws -> [TenantLimitChange]
}
