package import FoundationEssentials

/// A flag as platform administrators see it.
package struct PlatformFlag: Sendable {
    package let flag: FeatureFlag
    package let description: String
    package let defaultEnabled: Bool
    package let killed: Bool
    /// 0–100.
    package let rolloutPercent: Int
    /// Of the flag with its overrides: a change of either moves it.
    package let version: Int
    package let updatedAt: Date
    /// How many tenants have a setting of their own.
    package let overrideCount: Int
    /// The latest ``shownOverrides`` of them, the newest first.
    package let overrides: [FlagOverride]

    package static let shownOverrides = 500

    package init(
        flag: FeatureFlag, description: String, defaultEnabled: Bool, killed: Bool, rolloutPercent: Int, version: Int, updatedAt: Date,
        overrideCount: Int, overrides: [FlagOverride]
    ) {
        self.flag = flag
        self.description = description
        self.defaultEnabled = defaultEnabled
        self.killed = killed
        self.rolloutPercent = rolloutPercent
        self.version = version
        self.updatedAt = updatedAt
        self.overrideCount = overrideCount
        self.overrides = overrides
    }
}

/// What one tenant has instead of a flag's percentage and default.
package struct FlagOverride: Sendable {
    package let tenant: Tenant.Reference
    package let isEnabled: Bool
    package let reason: String
    package let setBy: UserID
    package let setAt: Date

    package init(tenant: Tenant.Reference, isEnabled: Bool, reason: String, setBy: UserID, setAt: Date) {
        self.tenant = tenant
        self.isEnabled = isEnabled
        self.reason = reason
        self.setBy = setBy
        self.setAt = setAt
    }
}

/// What is to be set of a flag; nil leaves it as it is.
package struct FlagChange: Sendable {
    package var defaultEnabled: Bool?
    package var killed: Bool?
    package var rolloutPercent: Int?
    package var description: String?

    package init(defaultEnabled: Bool? = nil, killed: Bool? = nil, rolloutPercent: Int? = nil, description: String? = nil) {
        self.defaultEnabled = defaultEnabled
        self.killed = killed
        self.rolloutPercent = rolloutPercent
        self.description = description
    }

    package static let percentBounds = 0...100
    package static let descriptionBounds = 0...500
    package static let reasonBounds = 1...500
}

/// Flags as platform administrators change them. Each change is stored in one transaction with its audit entry and the notification that
/// tells all nodes of it; what is so already changes nothing.
///
/// All but ``flags()`` throw ``Refusal/notFound`` for a flag or a tenant that isn't there, and ``ErrorCode/preconditionFailed`` where the
/// flag's version isn't one that the precondition allows.
package protocol PlatformFlagStore: Sendable {
    func flags() async throws -> [PlatformFlag]

    /// - Parameter audit: goes to the platform's log.
    func set(_ flag: FeatureFlag, to change: FlagChange, if precondition: Precondition, _ audit: AuditEntry) async throws -> PlatformFlag

    /// - Parameter audit: goes to the tenant's log.
    func override(
        _ flag: FeatureFlag, for tenant: TenantID, with isEnabled: Bool, reason: String, by person: UserID, if precondition: Precondition,
        _ audit: AuditEntry
    ) async throws -> PlatformFlag

    /// - Parameter audit: goes to the tenant's log.
    func removeOverride(
        of flag: FeatureFlag, for tenant: TenantID, if precondition: Precondition, _ audit: AuditEntry
    ) async throws -> PlatformFlag
}
