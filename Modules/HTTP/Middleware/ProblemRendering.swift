import Domain
import HTTPTypes
package import Hummingbird

/// Turns whatever is thrown further in into a problem document, once, and remembers the reason for the log.
package struct ProblemRendering: RouterMiddleware {
    package typealias Context = APIContext

    package init() {}

    package func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            try HeaderBounds.check(request)
            return try await next(request, context)
        } catch {
            let refusal = Self.refusal(for: error)
            context.scope.failure = refusal.description
            let response = try Self.response(to: refusal, allow: (error as? MethodNotAllowed)?.allowed, request, context)
            // What a GET would say, without saying it (RFC 9110 §9.3.2): a body would be taken for the next answer.
            return request.method == .head ? response.createHeadResponse() : response
        }
    }

    private static func response(to refusal: Refusal, allow: String?, _ request: Request, _ context: APIContext) throws -> Response {
        let kind = ProblemKind(refusal.code)
        var headers: HTTPFields = [:]
        headers[.wwwAuthenticate] = Challenge.header(for: refusal, usesBasic: context.scope.usesBasic)
        headers[.retryAfter] = refusal.retryAfter.map(String.init)
        headers[.allow] = allow
        let forNginx = ForwardAuthController.statusForNginx(kind.status, request)
        if forNginx != nil { headers[.xTesseraCode] = refusal.code.rawValue }
        return try Answer.problem(ProblemBody(refusal, kind, requestID: context.scope.id), status: forNginx ?? kind.status, headers: headers).response
    }

    private static func refusal(for error: any Error) -> Refusal {
        switch error {
        case let refusal as Refusal: refusal
        case let error as MethodNotAllowed: Refusal(.methodNotAllowed, "This address takes \(error.allowed).")
        case let error as HTTPError where error.status == .notFound: .notFound
        case let error as HTTPError where error.status == .contentTooLarge: Refusal(.contentTooLarge, "The body is too large.")
        case let error as any HTTPResponseError where (400..<500).contains(error.status.code):
            Refusal(.malformedRequest, "The request can't be read.", internalReason: String(describing: type(of: error)))
        case is CancellationError: .unavailable("the request was cancelled")
        default:
            Refusal(
                .internalError, "Something went wrong on our side; the request id finds it in our log.",
                internalReason: String(reflecting: error))
        }
    }
}
