import Domain
import HTTPTypes
package import Hummingbird

/// Lets pages of other origins read answers, by a list of them (CORS; https://fetch.spec.whatwg.org/#http-cors-protocol).
///
/// Credentials mode is never allowed: a browser sends no cookie along, and what travels by cookie stays with pages of our own. Preflights are
/// answered here, before anything else is asked: they carry no credential.
package struct CrossOrigin: RouterMiddleware {
    package typealias Context = APIContext

    private let origins: Set<String>

    /// - Parameter origins: whose pages may; none: nobody's.
    package init(origins: [WebOrigin]) { self.origins = Set(origins.map(\.text)) }

    package func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let origin = request.headers[.origin]
        if origin != nil, request.method == .options, request.headers.contains(.accessControlRequestMethod),
            !ForwardAuthController.answers(request)
        {
            return preflight(from: origin)
        }
        var response = try await next(request, context)
        if origins.isEmpty { return response }
        response.headers.append(HTTPField(name: .vary, value: "Origin"))
        if let origin, origins.contains(origin) {
            response.headers[.accessControlAllowOrigin] = origin
            response.headers[.accessControlExposeHeaders] = Self.exposed
        }
        return response
    }

    /// 204 to everybody; who isn't listed finds no permission in it.
    private func preflight(from origin: String?) -> Response {
        var headers: HTTPFields = [.vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"]
        if let origin, origins.contains(origin) {
            headers[.accessControlAllowOrigin] = origin
            headers[.accessControlAllowMethods] = "GET, HEAD, POST, PUT, PATCH, DELETE"
            headers[.accessControlAllowHeaders] = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id, traceparent"
            headers[.accessControlMaxAge] = Self.maximumAge
        }
        return Response(status: .noContent, headers: headers)
    }

    /// Seconds for which a browser needs no other preflight: Chromium's bound.
    private static let maximumAge = "7200"

    private static let exposed = """
        Location, Link, ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, Idempotent-Replayed, X-Token-Expires-At, WWW-Authenticate
        """
}
