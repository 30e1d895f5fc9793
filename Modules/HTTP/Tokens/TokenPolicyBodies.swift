import Domain
import FoundationEssentials

struct TokenPolicyBody: Encodable, Sendable {
    @ExplicitNull var maxLifetimeDays: Int?
    let requireExpiry: Bool
    let allowedScopesByRole: [String: [String]]
    let allowedCidrs: [String]
    @ExplicitNull var idleDays: Int?
    let onExposure: String
    let onReuse: String

    init(_ policy: TokenPolicy) {
        maxLifetimeDays = policy.maxLifetimeDays
        requireExpiry = policy.requireExpiry
        allowedScopesByRole = Dictionary(
            uniqueKeysWithValues: policy.allowedScopesByRole.map { ($0.key.rawValue, $0.value.map(\.description)) })
        allowedCidrs = policy.networks.map(\.description)
        idleDays = policy.idleDays
        onExposure = policy.onExposure.rawValue
        onReuse = policy.onReuse.rawValue
    }
}

/// `{maxLifetimeDays?, requireExpiry?, allowedScopesByRole?, allowedCidrs?, idleDays?, onExposure?, onReuse?}`: what is left out is as usual.
struct TokenPolicyRequest {
    let policy: TokenPolicy

    init(_ body: consuming BodyReader) throws(Refusal) {
        var body = body
        var policy = TokenPolicy()
        policy.maxLifetimeDays = body.integer("maxLifetimeDays", TokenPolicy.lifetimeBounds)
        policy.requireExpiry = body.bool("requireExpiry") ?? false
        policy.allowedScopesByRole = body.scopesByRole("allowedScopesByRole")
        policy.networks = body.networks("allowedCidrs") ?? []
        policy.idleDays = body.integer("idleDays", TokenPolicy.idleBounds)
        if body.has("onExposure") { policy.onExposure = body.choice("onExposure", TokenPolicy.Reaction.self) ?? policy.onExposure }
        if body.has("onReuse") { policy.onReuse = body.choice("onReuse", TokenPolicy.Reaction.self) ?? policy.onReuse }
        try body.finish()
        self.policy = policy
    }
}

extension BodyReader {
    /// Scopes by the name of a role; a role with none may carry nothing.
    fileprivate mutating func scopesByRole(_ name: String) -> [Role: [Scope]] {
        guard value(name) != nil, let members = object(name) else { return [:] }
        var reader = BodyReader(members)
        var scopes: [Role: [Scope]] = [:]
        for role in Role.allCases where reader.has(role.rawValue) {
            scopes[role] = reader.value(role.rawValue) == .array([]) ? [] : reader.scopes(role.rawValue) ?? []
        }
        absorb(reader, under: name)
        return scopes
    }
}

/// The tokens that a policy would hit, were it set.
struct TokenPolicyPreviewBody: Encodable, Sendable {
    let matched: Int
    let tokens: [HitBody]

    struct HitBody: Encodable, Sendable {
        let token: TokenBody
        let violations: [String]

        private enum Key: String, CodingKey { case violations }

        func encode(to encoder: any Encoder) throws {
            try token.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(violations, forKey: .violations)
        }
    }

    init(_ preview: TokenPolicyPreview, at now: Date) {
        matched = preview.matched
        tokens = preview.hits.map { HitBody(token: TokenBody($0.token, at: now), violations: $0.violations.map(\.rawValue)) }
    }
}
