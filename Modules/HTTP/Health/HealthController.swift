import FoundationEssentials
import HTTPTypes
import Hummingbird
package import Monitoring

/// Whether the process lives, and whether it can serve.
package struct HealthController: Sendable {
    private let readiness: Readiness

    package init(readiness: Readiness) { self.readiness = readiness }

    /// Served beside the API and on the operations port alike.
    package static let routes: [Route<API>] =
        [
            .open(.get, "/health", "getHealth") { $0.health.live },
            .open(.get, "/livez", "getLiveness") { $0.health.live },
            .open(.get, "/readyz", "getReadiness") { $0.health.ready },
        ]

    /// The process answers: nothing else is asked, so that an ailing database doesn't get every node restarted.
    @Sendable func live(_ call: Call) async throws -> Response { try .json(HealthBody(status: "healthy")) }

    @Sendable func ready(_ call: Call) async throws -> Response {
        let report = await readiness.report()
        let status = report.isReady ? "ready" : "unavailable"
        return try .json(HealthBody(status: status), status: report.isReady ? .ok : .serviceUnavailable)
    }
}

struct HealthBody: Encodable, Sendable {
    let status: String
}
