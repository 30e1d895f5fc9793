package import Auth
import Domain
import HTTPTypes
package import Hummingbird

/// Finds out who is asking, then charges them.
package struct AuthenticationMiddleware: RouterMiddleware {
    package typealias Context = APIContext

    /// What is asked of a request.
    package enum Demand: Sendable {
        /// A good credential: behind it there is a caller, or the request was refused.
        case required
        /// None, or a good one; that there is a bad one is for the route to judge.
        case optional
        /// Nothing: for what is refused anyway (404, 405). Who asked is still found out, so that a proven token's slip is in its usage log.
        case indifferent
    }

    private let authenticator: Authenticator
    private let limits: EdgeLimits
    private let demand: Demand
    private let counters = AuthenticationCounters()

    package init(authenticator: Authenticator, limits: EdgeLimits, demand: Demand) {
        self.authenticator = authenticator
        self.limits = limits
        self.demand = demand
    }

    package func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        if demand != .optional || request.headers.contains(.authorization) {
            do {
                try await identify(request, context.scope)
            } catch let refusal as Refusal where demand == .optional && ProblemKind(refusal.code).status == .unauthorized {
                context.scope.unrecognised = refusal
            } catch {
                if demand != .indifferent { throw error }
            }
        }
        return try await next(request, context)
    }

    private func identify(_ request: Request, _ scope: RequestScope) async throws {
        let bearer = try BearerToken(request)
        let authentication = await authenticator.authenticate(bearer.text, from: scope.remoteAddress)
        scope.provenToken = authentication.provenToken
        counters.count(authentication)
        let caller = try authentication.outcome.get()
        scope.caller = caller
        try await limits.charge(caller, scope)
    }
}
