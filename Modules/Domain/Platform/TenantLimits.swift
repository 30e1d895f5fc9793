/// What holds for one tenant instead of what holds for all.
package struct TenantLimits: Hashable, Sendable {
    /// By kind; what is absent is as for all.
    package var rates: [Kind: TokenRate]
    /// Limits that are only watched: requests past them go on, and are counted.
    package var shadow: Set<Kind>

    package init(rates: [Kind: TokenRate] = [:], shadow: Set<Kind> = []) {
        self.rates = rates
        self.shadow = shadow
    }

    /// What is counted of a tenant: each token's requests, each user's, and all of them together.
    package enum Kind: String, CaseIterable, Hashable, Sendable { case token, user, tenant }
}

/// A tenant's limits with the version that they are of; 0: never set.
package struct VersionedTenantLimits: Sendable {
    package let limits: TenantLimits
    package let version: Int

    package init(_ limits: TenantLimits, version: Int) {
        self.limits = limits
        self.version = version
    }
}

/// Tenants' limits, for platform administrators. All functions throw ``Refusal/notFound`` for a tenant that isn't there.
package protocol TenantLimitStore: Sendable {
    func limits(of tenant: TenantID) async throws -> VersionedTenantLimits

    /// Sets all of a tenant's limits, with the audit entry; those that hold already are no change.
    ///
    /// Throws ``ErrorCode/preconditionFailed``.
    func setLimits(
        _ limits: TenantLimits, of tenant: TenantID, if precondition: Precondition, by person: UserID, _ audit: AuditEntry
    ) async throws -> VersionedTenantLimits
}
