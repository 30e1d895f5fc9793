package import Domain
import Hummingbird

/// What a tenant demands of its tokens.
package struct TokenPolicyController: Sendable {
    private let policies: TokenPolicies
    private let now: Now

    package init(policies: TokenPolicies, now: @escaping Now) {
        self.policies = policies
        self.now = now
    }

    @Sendable func show(_ call: Call, _ principal: Principal) async throws -> Response {
        try QueryReader(call.request.uri.query).finish()
        return try .json(TokenPolicyBody(try await policies.policy(as: principal)))
    }

    @Sendable func set(_ call: Call, _ principal: Principal) async throws -> Response {
        let policy = try TokenPolicyRequest(try await call.body()).policy
        return try .json(TokenPolicyBody(try await policies.set(policy, as: principal, from: call.origin)))
    }

    @Sendable func preview(_ call: Call, _ principal: Principal) async throws -> Response {
        let policy = try TokenPolicyRequest(try await call.body()).policy
        return try .json(TokenPolicyPreviewBody(try await policies.preview(policy, as: principal), at: now()))
    }
}
