package import Domain
import FoundationEssentials
package import Logging
import Metrics
import ServiceLifecycle

/// Keeps the usage log's partitions: the current week and four ahead exist, and those past retention go.
package struct PartitionUpkeep: Service {
    private let partitions: any UsagePartitions
    private let retentionDays: Int
    private let logger: Logger
    private let now: Now

    package init(partitions: any UsagePartitions, retentionDays: Int, logger: Logger, now: @escaping Now) {
        self.partitions = partitions
        self.retentionDays = retentionDays
        self.logger = logger
        self.now = now
    }

    private static let weeksAhead = 4
    private static let week: TimeInterval = 7 * 86_400

    package func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let pause: Duration
            do {
                try await tend()
                pause = .seconds(3600)
            } catch {
                logger.error("usage partitions not tended, trying again in a minute", metadata: ["error": "\(String(reflecting: error))"])
                pause = .seconds(60)
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause * Double.random(in: 0.9...1.1)) }
        }
    }

    /// One round: makes what is missing, drops what is old. Throws the first failure to make one, when the rest is done.
    package func tend() async throws {
        let time = now()
        var failure: (any Error)?
        for week in 0...Self.weeksAhead {
            // One that can't be made must not keep the next from being made.
            do { try await partitions.ensure(time + Double(week) * Self.week) } catch { failure = failure ?? error }
        }
        let starts = try await partitions.starts()
        let oldest = time - Double(retentionDays) * 86_400
        for start in starts where start + Self.week <= oldest {
            do {
                try await partitions.drop(start)
                logger.info("usage partition dropped", metadata: ["week": "\(RFC3339.format(start))"])
            } catch {
                logger.error("usage partition kept", metadata: ["week": "\(RFC3339.format(start))", "error": "\(String(reflecting: error))"])
            }
        }
        Meter(label: "tessera_usage_partitions_ahead").set(Self.weeksAhead(of: time, in: starts))
        if let failure { throw failure }
    }

    /// How many weeks after the one of `time` there are partitions for, up to the first gap.
    private static func weeksAhead(of time: Date, in starts: [Date]) -> Int {
        let later = starts.filter { $0 > time }.sorted()
        var count = 0
        while count < later.count, later[count] <= time + Double(count + 1) * week { count += 1 }
        return count
    }
}
