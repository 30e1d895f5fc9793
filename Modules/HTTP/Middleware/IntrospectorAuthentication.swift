package import Auth
import Domain
package import Hummingbird

/// Recognises a platform's introspector, in front of introspection alone; every other credential is for the usual authentication.
package struct IntrospectorAuthentication: RouterMiddleware {
    package typealias Context = APIContext

    private let authenticator: IntrospectorAuthenticator
    private let otherwise: AuthenticationMiddleware
    private let counters = AuthenticationCounters()

    package init(authenticator: IntrospectorAuthenticator, otherwise: AuthenticationMiddleware) {
        self.authenticator = authenticator
        self.otherwise = otherwise
    }

    package func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard let credential = IntrospectorCredential(request) else { return try await otherwise.handle(request, context: context, next: next) }
        context.scope.usesBasic = credential.id != nil
        do {
            context.scope.introspector = try await authenticator.authenticate(credential.secret, claiming: credential.id)
            counters.count(.introspector, .accepted)
        } catch {
            counters.count(.unproven, .init(error))
            throw error
        }
        return try await next(request, context)
    }
}
