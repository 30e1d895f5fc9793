package import Auth
import Domain
import Hummingbird
import Limits

/// What needs no session: a reset asked for, and mailed secrets used.
package struct RecoveryController: Sendable {
    private let recovery: Recovery
    private let limits: EdgeLimits

    package init(recovery: Recovery, limits: EdgeLimits) {
        self.recovery = recovery
        self.limits = limits
    }

    @Sendable func forgot(_ call: Call) async throws -> Response {
        try await limits.charge(.reset, call.context.scope.remoteAddress)
        var body = try await call.body()
        let email = body.email("email")
        try body.finish()
        guard let email else { throw Refusal.invalid(body.faults) }
        try await recovery.requestReset(of: email, from: call.origin)
        return Response(status: .accepted)
    }

    @Sendable func reset(_ call: Call) async throws -> Response {
        try await limits.charge(.reset, call.context.scope.remoteAddress)
        var body = try await call.body()
        let secret = body.requiredExactString("secret", 1...1024)
        let password = body.newPassword("password")
        let revokesTokens = body.bool("revokeTokens") ?? false
        try body.finish()
        guard let secret, let password else { throw Refusal.invalid(body.faults) }
        try await recovery.resetPassword(by: secret, to: password, revokesTokens: revokesTokens, from: call.origin)
        return .noContent
    }

    @Sendable func confirm(_ call: Call) async throws -> Response {
        try await limits.charge(.reset, call.context.scope.remoteAddress)
        var body = try await call.body()
        let secret = body.requiredExactString("secret", 1...1024)
        try body.finish()
        guard let secret else { throw Refusal.invalid(body.faults) }
        try await recovery.confirmEmail(by: secret, from: call.origin)
        return .noContent
    }
}
