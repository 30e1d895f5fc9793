import DequeModule
package import Domain
package import FoundationEssentials
package import Logging
import Metrics
import ServiceLifecycle
import Synchronization

/// Keeps usage records in memory for a moment and stores them in batches, so that no request waits for its own record.
///
/// While the database is away records wait, up to a bound; past it they are dropped and counted, never silently. When the
/// service stops, what is left is stored first.
package final class UsageRecorder: Service, UsageRecording {
    package struct Configuration: Sendable {
        /// Records that may wait.
        package var capacity: Int
        package var batchSize = 1000
        /// How long a record waits at most for others to share its batch.
        package var interval = Duration.milliseconds(250)
        /// How long storing what is left may take at the end.
        package var flushDeadline = Duration.seconds(10)
        /// Refusals of one token that become rows in a minute; more only count in the totals.
        package var listedRefusals = 10

        package init(capacity: Int = 100_000) { self.capacity = capacity }
    }

    private let sink: any UsageSink
    private let configuration: Configuration
    private let logger: Logger
    private let incarnation: UUID
    private let waiting: Mutex<Waiting>
    private let counters = UsageCounters()

    private struct Waiting {
        var entries: Deque<UsageBatch.Entry> = []
        var refusals = RefusalWindow()
    }

    package init(sink: any UsageSink, configuration: Configuration, logger: Logger, incarnation: UUID = UUID()) {
        self.sink = sink
        self.configuration = configuration
        self.logger = logger
        self.incarnation = incarnation
        waiting = Mutex(Waiting())
    }

    /// Records that were dropped so far, for whatever reason.
    package var dropped: Int { counters.dropped }

    package func record(_ record: UsageRecord) {
        let isKept = waiting.withLock { waiting in
            guard waiting.entries.count < configuration.capacity else { return false }
            let isListed = waiting.refusals.lists(record, atMost: configuration.listedRefusals)
            waiting.entries.append(.init(record: record, isListed: isListed))
            return true
        }
        counters.recorded(isKept: isKept)
    }

    package func run() async throws {
        var sequence = 1
        var deadline: ContinuousClock.Instant?
        while true {
            if Task.isShuttingDownGracefully || Task.isCancelled, deadline == nil { deadline = .now + configuration.flushDeadline }
            let entries = take()
            if entries.isEmpty {
                if deadline != nil { return }
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: self.configuration.interval) }
                continue
            }
            let batch = UsageBatch(incarnation: incarnation, sequence: sequence...sequence + entries.count - 1, entries: entries)
            sequence += entries.count
            guard await store(batch, until: deadline) else { return giveUp(entries.count) }
            if entries.count < configuration.batchSize, deadline == nil {
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: self.configuration.interval) }
            }
        }
    }

    private func take() -> [UsageBatch.Entry] {
        waiting.withLock { waiting in
            let entries = Array(waiting.entries.prefix(configuration.batchSize))
            waiting.entries.removeFirst(entries.count)
            counters.buffered(waiting.entries.count)
            return entries
        }
    }

    /// Stores `batch`, trying until it is stored; false if the service has to end before that.
    private func store(_ batch: UsageBatch, until deadline: ContinuousClock.Instant?) async -> Bool {
        var deadline = deadline
        var delay = Duration.milliseconds(50)
        while true {
            do {
                let start = ContinuousClock.now
                try await sink.store(batch)
                counters.stored(batch.entries.count, in: ContinuousClock.now - start)
                return true
            } catch let rejection as UsageRejected {
                return await storeApart(batch, rejection, until: deadline)
            } catch {
                counters.retried()
                logger.warning("usage batch not stored, trying again", metadata: ["error": "\(error)", "records": "\(batch.entries.count)"])
            }
            if Task.isShuttingDownGracefully || Task.isCancelled { deadline = deadline ?? .now + configuration.flushDeadline }
            if let deadline, ContinuousClock.now + delay > deadline { return false }
            await pause(delay)
            delay = min(delay * 2, .seconds(2))
        }
    }

    /// Halves a batch that the database refuses until the record at fault stands alone; that one is dropped, its number is not.
    private func storeApart(_ batch: UsageBatch, _ rejection: UsageRejected, until deadline: ContinuousClock.Instant?) async -> Bool {
        guard batch.entries.count > 1 else {
            logger.error("usage record refused by the database and dropped", metadata: ["reason": "\(rejection.reason)"])
            counters.dropped(1, reason: "rejected")
            return await store(UsageBatch(incarnation: incarnation, sequence: batch.sequence, entries: []), until: deadline)
        }
        let half = batch.entries.count / 2
        let middle = batch.sequence.lowerBound + half
        let first = UsageBatch(
            incarnation: incarnation, sequence: batch.sequence.lowerBound...middle - 1, entries: Array(batch.entries[..<half]))
        let second = UsageBatch(incarnation: incarnation, sequence: middle...batch.sequence.upperBound, entries: Array(batch.entries[half...]))
        guard await store(first, until: deadline) else { return false }
        return await store(second, until: deadline)
    }

    /// Waits even when the service is told to stop: the retries go on until their deadline.
    private func pause(_ delay: Duration) async {
        _ = try? await Task.sleep(for: delay * Double.random(in: 0.8...1.2))
    }

    private func giveUp(_ unstored: Int) {
        let lost = waiting.withLock { waiting in
            defer { waiting.entries.removeAll() }
            return waiting.entries.count + unstored
        }
        counters.dropped(lost, reason: "shutdown")
        logger.error("usage records lost: the database stayed away until the end", metadata: ["records": "\(lost)"])
    }
}
