package import Domain
package import FoundationEssentials
package import Logging
import ServiceLifecycle

/// Writes the ends of the audit chains into the log, every hour: a copy outside the database, so that whoever cuts rows off together
/// with the head is found out by comparing. One node does it; a chain that hasn't moved is not written again.
package struct AuditHeadLogger: Service {
    private let heads: any AuditHeads
    private let logger: Logger
    private let now: Now
    private let holder = UUID()

    package init(heads: any AuditHeads, logger: Logger, now: @escaping Now) {
        self.heads = heads
        self.logger = logger
        self.now = now
    }

    /// Heads that are asked for at a time.
    private static let step = 500
    private static let pause = Duration.seconds(30)

    package func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                let hour = (now().timeIntervalSince1970 / 3600).rounded(.down) * 3600
                try await log(since: Date(timeIntervalSince1970: hour))
            } catch {
                logger.warning("audit heads not logged, trying again", metadata: ["error": "\(String(reflecting: error))"])
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pause * Double.random(in: 0.9...1.1)) }
        }
    }

    /// One round, unless one was finished since `time`, or another node is at it. A line is written before that is noted: a node that
    /// dies in between leaves a line twice, never none.
    package func log(since time: Date) async throws {
        // What isn't written must not be noted as written.
        guard logger.logLevel <= .notice, try await heads.claim(by: holder, ifNotDoneSince: time) else { return }
        var last: TenantID?
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let due = try await heads.due(behind: last, most: Self.step, as: holder)
            for head in due { logger.notice("\(AuditHead.message)", metadata: head.fields.mapValues { "\($0)" }) }
            try await heads.note(due)
            guard due.count == Self.step else {
                if try await !heads.finish(by: holder) { logger.warning("logging audit heads lost its lease; another node goes on") }
                return
            }
            last = due.last?.tenant
        }
    }
}
