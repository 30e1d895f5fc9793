import Domain
package import HTTP
import HTTPTypes

/// What platform administrators do, over all tenants and people.
package struct AdminAPI: Sendable {
    private let tenants: TenantsController
    private let limits: TenantLimitsController
    private let prefixes: TokenPrefixesController
    private let users: UsersController
    private let flags: FlagsController
    private let audit: PlatformAuditController

    package init(
        tenants: TenantsController, limits: TenantLimitsController, prefixes: TokenPrefixesController, users: UsersController,
        flags: FlagsController, audit: PlatformAuditController
    ) {
        self.tenants = tenants
        self.limits = limits
        self.prefixes = prefixes
        self.users = users
        self.flags = flags
        self.audit = audit
    }

    /// Sessions only; a fresh one for whatever changes something.
    package static let routes: [Route<AdminAPI>] = [
        .personal(.get, "/api/v1/admin/tenants", "adminListTenants", reading) { $0.tenants.list },
        .personal(.post, "/api/v1/admin/tenants", "adminCreateTenant", changing) { $0.tenants.create }.keyed.versioned,
        .personal(.get, "/api/v1/admin/tenants/{id}", "adminGetTenant", reading) { $0.tenants.show }.versioned,
        .personal(.patch, "/api/v1/admin/tenants/{id}", "adminUpdateTenant", changing) { $0.tenants.setStatus }.versioned,
        .personal(.delete, "/api/v1/admin/tenants/{id}", "adminDeleteTenant", changing) { $0.tenants.delete },
        .personal(.get, "/api/v1/admin/tenants/{id}/limits", "adminGetTenantLimits", reading) { $0.limits.show }.versioned,
        .personal(.put, "/api/v1/admin/tenants/{id}/limits", "adminSetTenantLimits", changing) { $0.limits.set }.versioned,
        .personal(.get, "/api/v1/admin/tenants/{id}/token-prefix", "adminGetTokenPrefix", reading) { $0.prefixes.show },
        .personal(.put, "/api/v1/admin/tenants/{id}/token-prefix", "adminGrantTokenPrefix", changing) { $0.prefixes.grant },
        .personal(.delete, "/api/v1/admin/tenants/{id}/token-prefix", "adminWithdrawTokenPrefix", changing) { $0.prefixes.withdraw },
        .personal(.get, "/api/v1/admin/users", "adminListUsers", reading) { $0.users.list },
        .personal(.patch, "/api/v1/admin/users/{id}", "adminUpdateUser", changing) { $0.users.setStatus },
        .personal(.put, "/api/v1/admin/users/{id}/platform-admin", "adminGrantPlatformAdmin", changing) { $0.users.grantPlatformAdmin },
        .personal(.delete, "/api/v1/admin/users/{id}/platform-admin", "adminRevokePlatformAdmin", changing) { $0.users.revokePlatformAdmin },
        .personal(.get, "/api/v1/admin/feature-flags", "adminListFeatureFlags", reading) { $0.flags.list },
        .personal(.put, "/api/v1/admin/feature-flags/{key}", "adminSetFeatureFlag", changing) { $0.flags.set }.versioned,
        .personal(.put, "/api/v1/admin/feature-flags/{key}/tenants/{tenantId}", "adminOverrideFeatureFlag", changing) { $0.flags.override }.versioned,
        .personal(.delete, "/api/v1/admin/feature-flags/{key}/tenants/{tenantId}", "adminRemoveFeatureFlagOverride", changing) {
            $0.flags.removeOverride
        }.versioned,
        .personal(.get, "/api/v1/admin/audit", "adminListAudit", reading) { $0.audit.list },
        .personal(.get, "/api/v1/admin/audit/export", "adminExportAudit", reading) { $0.audit.export },
    ]

    private static let reading = Access.platformAdmin(fresh: false)
    private static let changing = Access.platformAdmin(fresh: true)
}
