package import Domain
import FoundationEssentials
import HTTPTypes
package import Hummingbird

/// Hands every request whose token was proven to the usage log, before its response is written: successes and refusals alike.
package struct UsageCapture: RouterMiddleware {
    package typealias Context = APIContext

    private let log: any UsageRecording
    private let now: Now

    package init(log: any UsageRecording, now: @escaping Now) {
        self.log = log
        self.now = now
    }

    package func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let response = try await next(request, context)
        guard let token = context.scope.provenToken else { return response }
        let time = now()
        let forwarded = ForwardAuthController.forwarded(by: request, context.scope)
        log.record(
            UsageRecord(
                id: .v7(at: time), tenant: token.tenant, token: token.id, occurredAt: time.microseconds,
                method: forwarded?.method ?? request.method.rawValue,
                endpoint: forwarded?.path ?? context.route, status: response.status.code,
                processingTime: (ContinuousClock.now - context.scope.startedAt).microseconds, ipAddress: context.scope.remoteAddress,
                userAgent: request.headers[.userAgent].map(BoundedText.header), requestID: context.scope.id, secret: token.secret,
                needed: Self.refusals.contains(response.status) ? PermissionSet() : context.scope.caller?.exercised ?? PermissionSet(),
                isTaken: context.scope.caller != nil))
        return response
    }

    /// What is answered so was of no use to anyone, whatever it took.
    private static let refusals: Set<HTTPResponse.Status> = [.unauthorized, .forbidden, .tooManyRequests]
}
