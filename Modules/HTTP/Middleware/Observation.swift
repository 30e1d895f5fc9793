import Domain
import FoundationEssentials
import HTTPTypes
package import Hummingbird
import Logging
package import Monitoring

/// The outermost layer: finds out where the request comes from, and when it is over counts it, logs it and says its id.
package struct Observation: RouterMiddleware {
    package typealias Context = APIContext

    private let metrics: RequestMetrics
    private let proxies: TrustedProxies

    package init(metrics: RequestMetrics, proxies: TrustedProxies) {
        self.metrics = metrics
        self.proxies = proxies
    }

    package func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        context.scope.isProxied = context.scope.remoteAddress.map(proxies.trust) ?? false
        context.scope.remoteAddress = proxies.client(of: request, peer: context.scope.remoteAddress)
        metrics.begin()
        defer { metrics.end() }
        var response = try await next(request, context)
        let duration = ContinuousClock.now - context.scope.startedAt
        metrics.observe(method: request.method.rawValue, route: context.route, status: response.status.code, duration: duration)
        log(request, context, response, duration)
        response.headers[.xRequestID] = context.scope.id.lowercased
        return response
    }

    private func log(_ request: Request, _ context: APIContext, _ response: Response, _ duration: Duration) {
        let failure = context.scope.failure
        let level: Logger.Level = response.status.code >= 500 ? .error : .info
        guard level >= context.logger.logLevel else { return }
        var metadata: Logger.Metadata = [
            "requestId": "\(context.scope.id.lowercased)",
            "method": "\(request.method.rawValue)",
            "route": "\(context.route)",
            "status": .stringConvertible(response.status.code),
            "durationMs": .stringConvertible(duration.milliseconds),
        ]
        metadata["failure"] = failure.map { "\($0)" }
        metadata["address"] = context.scope.remoteAddress.map { "\($0)" }
        metadata["clientRequestId"] = ClientRequestID(request).map { "\($0.text)" }
        metadata["traceId"] = request.headers[.traceparent].flatMap(TraceContext.init(traceparent:)).map { "\($0.traceID)" }
        if let caller = context.scope.caller {
            metadata["tenantId"] = caller.tenant.map { "\($0)" }
            metadata["actorId"] = "\(caller.subject)"
        }
        metadata["introspectorId"] = context.scope.introspector.map { "\($0)" }
        metadata["tokenId"] = context.scope.provenToken.map { "\($0.id)" }
        context.logger.log(level: level, "request", metadata: metadata)
    }
}

extension APIContext {
    /// The template of the route that matched; `(unmatched)` where none did.
    var route: String {
        guard let path = endpointPath, !path.hasSuffix("**") else { return "(unmatched)" }
        return path
    }
}

extension Duration {
    /// In milliseconds with their fraction.
    var milliseconds: Double { Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15 }
    /// In whole microseconds.
    var microseconds: Int { Int(components.seconds) * 1_000_000 + Int(components.attoseconds / 1_000_000_000_000) }
}
