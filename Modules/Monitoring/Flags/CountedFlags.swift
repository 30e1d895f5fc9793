package import Domain
import Metrics

/// Flags whose evaluations are counted. The counters are looked up once: this is on every request's way.
package struct CountedFlags: FeatureFlags {
    private let flags: any FeatureFlags
    private let counters: [FeatureFlag: (on: Counter, off: Counter)]

    package init(_ flags: any FeatureFlags) {
        self.flags = flags
        func counter(_ flag: FeatureFlag, _ isEnabled: Bool) -> Counter {
            Counter(label: "tessera_feature_evaluations_total", dimensions: [("flag", flag.rawValue), ("enabled", "\(isEnabled)")])
        }
        counters = Dictionary(uniqueKeysWithValues: FeatureFlag.allCases.map { ($0, (counter($0, true), counter($0, false))) })
    }

    package func evaluation(of flag: FeatureFlag, for tenant: TenantID?) -> FlagEvaluation {
        let evaluation = flags.evaluation(of: flag, for: tenant)
        if let (on, off) = counters[flag] { (evaluation.isEnabled ? on : off).increment() }
        return evaluation
    }
}
