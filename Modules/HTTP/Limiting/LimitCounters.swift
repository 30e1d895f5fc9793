import Limits
import Metrics

/// What is counted of decisions about limits. Made once, so that every series is there from the start.
struct LimitCounters: Sendable {
    private let decisions: [LimitVerdict.Source: Counter]
    private let fallbacks = Counter(label: "tessera_limit_fallback_total")
    private let refusals: [LimitKind: Counter]
    private let shadowed: [LimitKind: Counter]

    init() {
        decisions = Dictionary(
            uniqueKeysWithValues: LimitVerdict.Source.allCases.map {
                ($0, Counter(label: "tessera_limit_decisions_total", dimensions: [("by", $0.rawValue)]))
            })
        refusals = Dictionary(
            uniqueKeysWithValues: LimitKind.allCases.map {
                ($0, Counter(label: "tessera_rate_limit_refusals_total", dimensions: [("limit", $0.rawValue)]))
            })
        shadowed = Dictionary(
            uniqueKeysWithValues: LimitKind.allCases.map {
                ($0, Counter(label: "tessera_rate_limit_shadowed_total", dimensions: [("limit", $0.rawValue)]))
            })
    }

    func count(_ verdict: LimitVerdict) {
        decisions[verdict.source]?.increment()
        if verdict.source == .fallback { fallbacks.increment() }
        if let kind = verdict.refused?.kind { refusals[kind]?.increment() }
        for kind in verdict.shadowed { shadowed[kind]?.increment() }
    }
}
