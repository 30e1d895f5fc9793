package import Auth
import Domain
import Hummingbird
import Limits

/// Sign up, log in, renew, log out, prove again.
package struct AccountsController: Sendable {
    private let accounts: Accounts
    private let limits: EdgeLimits
    private let registration: RegistrationPolicy

    package init(accounts: Accounts, limits: EdgeLimits, registration: RegistrationPolicy) {
        self.accounts = accounts
        self.limits = limits
        self.registration = registration
    }

    @Sendable func register(_ call: Call) async throws -> Response {
        try registration.check()
        try limits.charge(.register, call.context.scope.remoteAddress)
        let registration = try RegistrationRequest(try await call.body()).registration
        let grant = try await accounts.register(registration, from: call.origin)
        return try .json(SessionBody(grant), status: .created)
    }

    @Sendable func login(_ call: Call) async throws -> Response {
        let request = try LoginRequest(try await call.body())
        try limits.charge(.loginAddress, call.context.scope.remoteAddress)
        let grant = try await accounts.login(request.login, from: call.origin)
        return try .json(SessionBody(grant))
    }

    @Sendable func refresh(_ call: Call) async throws -> Response {
        try limits.charge(.refresh, call.context.scope.remoteAddress)
        let request = try RefreshRequest(try await call.body())
        let grant = try await accounts.refresh(request.refreshToken, tenant: request.tenant, from: call.origin)
        return try .json(SessionBody(grant))
    }

    @Sendable func reauthenticate(_ call: Call, _ principal: Principal) async throws -> Response {
        var body = try await call.body()
        let password = body.requiredExactString("password", 1...1024)
        try body.finish()
        guard let password else { throw Refusal.invalid(body.faults) }
        return try .json(SessionBody(try await accounts.reauthenticate(principal, password: password, from: call.origin)))
    }

    @Sendable func logout(_ call: Call, _ principal: Principal) async throws -> Response {
        try await accounts.logout(principal, from: call.origin)
        return .noContent
    }
}
