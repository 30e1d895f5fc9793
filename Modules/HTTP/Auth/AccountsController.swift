package import Auth
import Domain
import Hummingbird
import Limits

/// Sign up, log in, renew, log out, prove again.
package struct AccountsController: Sendable {
    private let accounts: Accounts
    private let transport: SessionTransport
    private let limits: EdgeLimits
    private let registration: RegistrationPolicy

    package init(accounts: Accounts, transport: SessionTransport, limits: EdgeLimits, registration: RegistrationPolicy) {
        self.accounts = accounts
        self.transport = transport
        self.limits = limits
        self.registration = registration
    }

    @Sendable func register(_ call: Call) async throws -> Response {
        try registration.check()
        try await limits.charge(.register, call.context.scope.remoteAddress)
        let request = try RegistrationRequest(try await call.body())
        try transport.check(request.transport, call)
        let grant = try await accounts.register(request.registration, from: call.origin)
        return try transport.answer(grant, by: request.transport ?? .body, to: call, status: .created)
    }

    @Sendable func login(_ call: Call) async throws -> Response {
        let request = try LoginRequest(try await call.body())
        try await limits.charge(.loginAddress, call.context.scope.remoteAddress)
        try transport.check(request.transport, call)
        let kept = request.transport == .cookie ? try transport.cookie(.device, of: call, besides: request.deviceToken) : nil
        let login = Login(email: request.email, password: request.password, tenant: request.tenant, deviceToken: request.deviceToken ?? kept)
        return try transport.answer(try await accounts.login(login, from: call.origin), by: request.transport ?? .body, to: call)
    }

    @Sendable func refresh(_ call: Call) async throws -> Response {
        try await limits.charge(.refresh, call.context.scope.remoteAddress)
        let request = try RefreshRequest(try await call.optionalBody())
        try transport.check(request.transport, call)
        let kept = try transport.cookie(.refresh, of: call, besides: request.refreshToken)
        guard let token = request.refreshToken ?? kept else {
            throw Refusal.invalid([FieldFault("/refreshToken", "required", "refreshToken is required, in the body or as a cookie.")])
        }
        let answering = try transport.transport(request.transport, replacing: kept)
        return try transport.answer(try await accounts.refresh(token, tenant: request.tenant, from: call.origin), by: answering, to: call)
    }

    @Sendable func reauthenticate(_ call: Call, _ person: Person) async throws -> Response {
        var body = try await call.body()
        let password = body.requiredExactString("password", 1...1024)
        let wanted = body.transport()
        try body.finish()
        guard let password else { throw Refusal.invalid(body.faults) }
        try transport.check(wanted, call)
        let answering = try transport.transport(wanted, replacing: try transport.cookie(.refresh, of: call, besides: nil))
        return try transport.answer(try await accounts.reauthenticate(person, password: password, from: call.origin), by: answering, to: call)
    }

    /// By a session, or by the cookie alone, also when the session's access token has expired.
    @Sendable func logout(_ call: Call, _ recognition: Recognition) async throws -> Response {
        try await call.requireEmptyBody()
        let kept = try transport.cookie(.refresh, of: call, besides: nil)
        let person = kept == nil ? try recognition.person() : recognition.personIfAny
        guard person != nil || kept != nil else { throw Refusal.authenticationRequired }
        if let person { try await accounts.logout(person, from: call.origin) }
        if let kept { try await accounts.logout(by: kept, from: call.origin) }
        var response = Response.noContent
        if kept != nil { response.setCookie(SessionCookie.refresh.forgetting) }
        return response
    }
}
