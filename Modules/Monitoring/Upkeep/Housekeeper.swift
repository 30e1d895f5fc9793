package import Domain
package import FoundationEssentials
package import Logging
import Metrics
import ServiceLifecycle

/// Tidies up the tokens and audit logs of all tenants, at the times of its schedule: one node does, and another goes on where it died. A time that
/// passed while no node ran is made up for at the next start.
package struct Housekeeper: Service {
    private let housekeeping: any Housekeeping
    private let schedule: DailySchedule
    private let chores: [Chore]
    private let logger: Logger
    private let now: Now
    private let holder = UUID()

    /// - Parameters:
    ///   - retentionDays: how long an ended token stays before it becomes a tombstone.
    ///   - auditRetentionDays: how long audit entries are kept.
    package init(
        housekeeping: any Housekeeping, schedule: DailySchedule, retentionDays: Int, auditRetentionDays: Int, logger: Logger, now: @escaping Now
    ) {
        self.housekeeping = housekeeping
        self.schedule = schedule
        chores = [.retireIdle, .bury(afterDays: retentionDays), .forgetNotices, .dropAudit(afterDays: auditRetentionDays)]
        self.logger = logger
        self.now = now
    }

    /// Rows of one transaction, so that none is long.
    private static let step = 500
    private static let pause = Duration.seconds(30)
    /// Steps between two lines of progress.
    private static let linePerSteps = 20

    package func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                if let time = schedule.latest(at: now()) { try await keepHouse(since: time) }
            } catch {
                logger.warning("housekeeping broke off, trying again", metadata: ["error": "\(String(reflecting: error))"])
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pause * Double.random(in: 0.9...1.1)) }
        }
    }

    /// One round, unless one was finished since `time`, or another node is at it.
    package func keepHouse(since time: Date) async throws {
        guard try await housekeeping.claim(by: holder, ifNotDoneSince: time) else { return }
        var done: [String: Int] = [:]
        for chore in chores {
            guard let count = try await finish(chore) else { return }
            done[chore.name] = count
        }
        if try await housekeeping.finish(by: holder) {
            logger.notice("housekeeping done", metadata: done.mapValues { "\($0)" })
        }
    }

    /// All of a chore, step by step. nil: the node stops, or the lease is another's now, which goes on.
    private func finish(_ chore: Chore) async throws -> Int? {
        var (total, steps) = (0, 0)
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            guard let count = try await housekeeping.step(chore, most: Self.step, as: holder) else {
                logger.warning("housekeeping lost its lease; another node goes on")
                return nil
            }
            Counter(label: "tessera_housekeeping_total", dimensions: [("chore", chore.name)]).increment(by: count)
            (total, steps) = (total + count, steps + 1)
            if count < Self.step { return total }
            if steps.isMultiple(of: Self.linePerSteps) {
                logger.info("housekeeping goes on", metadata: ["chore": "\(chore.name)", "done": "\(total)"])
            }
        }
        return nil
    }
}
