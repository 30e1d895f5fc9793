package import Domain
import FoundationEssentials
import HTTPTypes
package import Hummingbird

/// What every response says, refusals included: don't keep it, don't guess its type, don't run or frame it, and come back by TLS. And how much
/// is left of limits, of a token that ends soon, and of an operation that will go.
package struct ResponseHeaders: RouterMiddleware {
    package typealias Context = APIContext

    private let isSecure: Bool
    private let now: Now

    /// How long before its end a token is reminded of it, in seconds.
    private static let warning: TimeInterval = 14 * 86_400

    /// Two years, as browsers' preload lists want.
    private static let transportSecurity = "max-age=63072000; includeSubDomains"

    /// - Parameter isSecure: people reach the product by https.
    package init(isSecure: Bool, now: @escaping Now) {
        self.isSecure = isSecure
        self.now = now
    }

    package func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        response.headers[.xContentTypeOptions] = "nosniff"
        // A page says itself what it may run.
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        }
        response.headers[.referrerPolicy] = "no-referrer"
        if isSecure { response.headers[.strictTransportSecurity] = Self.transportSecurity }
        context.scope.deprecation?.mark(&response.headers)
        if let end = context.scope.caller?.token?.breadth.expiresAt, end.timeIntervalSince(now()) <= Self.warning {
            response.headers[.xTokenExpiresAt] = RFC3339.format(end)
        }
        if let limits = context.scope.rateLimits {
            response.headers[.rateLimitPolicy] = limits.policy
            response.headers[.rateLimit] = limits.state
        }
        return response
    }
}
