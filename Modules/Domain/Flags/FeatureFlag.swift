/// A feature that platform administrators can switch while the product runs. Declared here and nowhere else: what isn't has no switch, and
/// each has its row by a migration.
package enum FeatureFlag: String, Sendable, CaseIterable {
    /// API tokens can be made, rotated, widened, imported and used. Off, what there is stays, can be seen and ended, and works again later.
    case apiTokens = "api-tokens"

    /// What holds where the database has never said anything: at a start without it.
    package var builtIn: Bool {
        switch self {
        case .apiTokens: true
        }
    }
}

/// Whether a feature is on for somebody, and which rule said so.
package struct FlagEvaluation: Sendable, Hashable {
    package let isEnabled: Bool
    package let reason: Reason

    package init(isEnabled: Bool, reason: Reason) {
        self.isEnabled = isEnabled
        self.reason = reason
    }

    /// The rules in their order: the first that has a say decides.
    package enum Reason: String, Sendable, CaseIterable {
        /// Off for everybody, whatever else is set.
        case killed
        /// The tenant has a setting of its own.
        case tenantOverride = "tenant_override"
        /// The tenant is within the share that has the feature already.
        case percentage
        case `default`
        /// Nothing is known but what the code says.
        case builtIn = "built_in"
    }
}

/// Tells whether a feature is on. Never asks the database, never fails.
package protocol FeatureFlags: Sendable {
    /// - Parameter tenant: nil: for somebody in no tenant, whom neither an override nor a percentage concerns.
    func evaluation(of flag: FeatureFlag, for tenant: TenantID?) -> FlagEvaluation
}

extension FeatureFlags {
    /// Throws ``ErrorCode/featureDisabled`` unless the feature is on for the tenant.
    package func require(_ flag: FeatureFlag, in tenant: TenantID) throws(Refusal) {
        guard evaluation(of: flag, for: tenant).isEnabled else { throw .disabled(flag) }
    }
}

extension Refusal {
    package static func disabled(_ flag: FeatureFlag) -> Refusal {
        Refusal(
            .featureDisabled,
            "The feature \(flag.rawValue) is switched off for this tenant; nothing is lost, and it goes on once it is on again: GET /api/v1/feature-flags."
        )
    }
}
