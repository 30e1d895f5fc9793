/// What is set of one flag, for everybody and for single tenants.
package struct FlagState: Sendable, Hashable {
    package var defaultEnabled: Bool
    /// Off for everybody, at once.
    package var killed: Bool
    /// The share of tenants that has the feature whatever the default; 0–100. The others follow the default.
    package var rolloutPercent: Int
    package var overrides: [TenantID: Bool]

    package init(defaultEnabled: Bool, killed: Bool = false, rolloutPercent: Int = 0, overrides: [TenantID: Bool] = [:]) {
        self.defaultEnabled = defaultEnabled
        self.killed = killed
        self.rolloutPercent = rolloutPercent
        self.overrides = overrides
    }

    /// Killed before the tenant's own before the percentage before the default.
    func evaluation(of flag: FeatureFlag, for tenant: TenantID?) -> FlagEvaluation {
        if killed { return FlagEvaluation(isEnabled: false, reason: .killed) }
        if let tenant {
            if let own = overrides[tenant] { return FlagEvaluation(isEnabled: own, reason: .tenantOverride) }
            if rolloutPercent > 0, FlagBucket.of(flag.rawValue, tenant) < rolloutPercent * FlagBucket.perPercent {
                return FlagEvaluation(isEnabled: true, reason: .percentage)
            }
        }
        return FlagEvaluation(isEnabled: defaultEnabled, reason: .default)
    }
}

/// Everything that is set of all flags at one moment.
package struct FlagSnapshot: FeatureFlags, Sendable, Hashable {
    package let states: [FeatureFlag: FlagState]
    /// The sum of the flags' versions. Each change moves one, and none goes back.
    package let revision: Int

    package init(states: [FeatureFlag: FlagState], revision: Int) {
        self.states = states
        self.revision = revision
    }

    /// What holds before anything was read.
    package static let builtIn = FlagSnapshot(states: [:], revision: 0)

    package func evaluation(of flag: FeatureFlag, for tenant: TenantID?) -> FlagEvaluation {
        states[flag]?.evaluation(of: flag, for: tenant) ?? FlagEvaluation(isEnabled: flag.builtIn, reason: .builtIn)
    }
}

/// Where the flags are kept, for those who only follow them.
package protocol FlagSource: Sendable {
    /// All that is set now; nil: nothing has changed since `revision`.
    ///
    /// - Parameter revision: of what is known; nil reads in full.
    func snapshot(since revision: Int?) async throws -> FlagSnapshot?
}
