package import Auth
import Domain
import HTTPTypes
package import Hummingbird

/// Finds out who is asking, then charges them: behind it there is a principal, or the request was refused.
package struct AuthenticationMiddleware: RouterMiddleware {
    package typealias Context = APIContext

    private let authenticator: Authenticator
    private let limits: EdgeLimits
    private let isRequired: Bool
    private let counters = AuthenticationCounters()

    /// - Parameter isRequired: false for paths that are refused anyway: who asked is still found out, so that a proven token's
    ///   slip is in its usage log.
    package init(authenticator: Authenticator, limits: EdgeLimits, isRequired: Bool = true) {
        self.authenticator = authenticator
        self.limits = limits
        self.isRequired = isRequired
    }

    package func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            let bearer = try BearerToken(request)
            let authentication = await authenticator.authenticate(bearer.text)
            context.scope.provenToken = authentication.provenToken
            counters.count(authentication)
            let principal = try authentication.outcome.get()
            context.scope.principal = principal
            try limits.charge(principal, context.scope)
        } catch {
            if isRequired { throw error }
        }
        return try await next(request, context)
    }
}
