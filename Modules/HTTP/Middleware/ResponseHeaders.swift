import HTTPTypes
package import Hummingbird

/// What every response says, refusals included: don't keep it, don't guess its type, don't run or frame it.
package struct ResponseHeaders: RouterMiddleware {
    package typealias Context = APIContext

    package init() {}

    package func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        response.headers[.referrerPolicy] = "no-referrer"
        if let limits = context.scope.rateLimits {
            response.headers[.rateLimitPolicy] = limits.policy
            response.headers[.rateLimit] = limits.state
        }
        return response
    }
}
