package import Domain
package import Logging
import Metrics
import ServiceLifecycle

/// Deletes what has had its time, every hour. Several nodes may do so at once: they leave each other's rows alone.
package struct Sweeper: Service {
    private let rows: any ExpiredRows
    private let logger: Logger

    package init(rows: any ExpiredRows, logger: Logger) {
        self.rows = rows
        self.logger = logger
    }

    /// Rows of a kind in one transaction, so that none is long.
    private static let step = 5000

    package func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                try await sweep()
            } catch {
                logger.warning("expired rows not swept, trying again in an hour", metadata: ["error": "\(String(reflecting: error))"])
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(3600) * Double.random(in: 0.9...1.1)) }
        }
    }

    /// One round: goes on until nothing is left to delete, or the node stops.
    package func sweep() async throws {
        var isDone = false
        while !isDone, !Task.isShuttingDownGracefully, !Task.isCancelled {
            let swept = try await rows.sweep(Self.step)
            for (kind, count) in swept { Counter(label: "tessera_swept_rows_total", dimensions: [("kind", kind)]).increment(by: count) }
            isDone = swept.values.allSatisfy { $0 < Self.step }
        }
    }
}
