package import Hummingbird
import Limits

/// Charges the peer's address before anyone looks at credentials.
package struct AddressLimit: RouterMiddleware {
    package typealias Context = APIContext

    private let limits: EdgeLimits

    package init(limits: EdgeLimits) { self.limits = limits }

    package func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        try await limits.charge(.address, context.scope.remoteAddress)
        return try await next(request, context)
    }
}
