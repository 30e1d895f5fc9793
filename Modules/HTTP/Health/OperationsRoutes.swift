import HTTPTypes
import Hummingbird
import NIOCore

/// What the operations port serves: the metrics, and health beside them.
package enum OperationsRoutes {
    /// - Parameter exposition: the metrics in the Prometheus text format 0.0.4.
    package static func routes(exposition: @escaping @Sendable () -> String) -> [Route<API>] {
        let metrics = Route<API>.open(.get, "/metrics", "getMetrics") { _ in
            { _ in
                Response(
                    status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: exposition())))
            }
        }
        return [metrics] + HealthController.routes
    }
}
