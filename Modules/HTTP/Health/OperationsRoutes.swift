import HTTPTypes
import Hummingbird
import NIOCore

/// What the operations port serves: the metrics, and health beside them.
package struct OperationsRoutes: Sendable {
    private let health: HealthController
    private let exposition: @Sendable () -> String

    /// - Parameter exposition: the metrics in the Prometheus text format 0.0.4.
    package init(health: HealthController, exposition: @escaping @Sendable () -> String) {
        self.health = health
        self.exposition = exposition
    }

    package var routes: [Route] { [.open(.get, "/metrics", "getMetrics", metrics)] + health.routes }

    @Sendable func metrics(_ call: Call) async throws -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: exposition())))
    }
}
