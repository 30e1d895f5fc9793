package import Domain
import Hummingbird

/// Which features whoever asks has.
package struct FeatureFlagsController: Sendable {
    private let features: any FeatureFlags

    package init(features: any FeatureFlags) { self.features = features }

    @Sendable func list(_ call: Call, _ caller: Caller) async throws -> Response {
        try QueryReader(call.request.uri.query).finish()
        return try Answer.taggedJSON(FeatureFlagsBody(features, for: caller.tenant)).response
    }
}

/// Every flag there is, in the order of their keys.
struct FeatureFlagsBody: Encodable, Sendable {
    let flags: [Flag]

    struct Flag: Encodable, Sendable {
        let key: String
        let enabled: Bool
        let reason: String
    }

    init(_ features: any FeatureFlags, for tenant: TenantID?) {
        flags = FeatureFlag.allCases.map { flag in
            let evaluation = features.evaluation(of: flag, for: tenant)
            return Flag(key: flag.rawValue, enabled: evaluation.isEnabled, reason: evaluation.reason.rawValue)
        }.sorted { $0.key < $1.key }
    }
}
