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
        /// Records taken and neither stored nor dropped: `entries` and the batch in flight.
        var outstanding = 0
        var hasEnded = false
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
        let reason = waiting.withLock { waiting -> UsageCounters.DropReason? in
            if waiting.hasEnded { return .shutdown }
            guard waiting.outstanding < configuration.capacity else { return .bufferFull }
            let isListed = waiting.refusals.lists(record, atMost: configuration.listedRefusals)
            waiting.entries.append(.init(record: record, isListed: isListed))
            waiting.outstanding += 1
            return nil
        }
        counters.recorded()
        if let reason { counters.dropped(1, reason) }
    }

    /// Stores what is recorded until graceful shutdown, then what is left of it; what the deadline finds is counted as lost.
    package func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.storeUntilTheEnd() }
            group.addTask { await self.awaitDeadline() }
            // Whichever is first: everything is stored, or the time is up, also for a sink that hangs.
            await group.next()
            group.cancelAll()
        }
        end()
    }

    private func storeUntilTheEnd() async {
        var sequence = 1
        while !Task.isCancelled {
            let isEnding = Task.isShuttingDownGracefully
            let entries = take()
            if entries.isEmpty, isEnding { return }
            if !entries.isEmpty {
                await store(
                    UsageBatch(
                        incarnation: incarnation, sequence: sequence...sequence + entries.count - 1,
                        entries: entries))
                sequence += entries.count
            }
            if entries.count < configuration.batchSize, !isEnding {
                try? await cancelWhenGracefulShutdown {
                    try await Task.sleep(for: self.configuration.interval)
                }
            }
        }
    }

    private func awaitDeadline() async {
        guard (try? await gracefulShutdown()) != nil else { return }
        try? await Task.sleep(for: configuration.flushDeadline)
    }

    private func take() -> [UsageBatch.Entry] {
        waiting.withLock { waiting in
            let entries = Array(waiting.entries.prefix(configuration.batchSize))
            waiting.entries.removeFirst(entries.count)
            counters.buffered(waiting.outstanding)
            return entries
        }
    }

    /// Stores `batch`, trying until it is stored or the task is cancelled.
    private func store(_ batch: UsageBatch) async {
        var delay = Duration.milliseconds(50)
        while !Task.isCancelled {
            do {
                let start = ContinuousClock.now
                try await sink.store(batch)
                counters.stored(batch.entries.count, in: ContinuousClock.now - start)
                return release(batch.entries.count)
            } catch let rejection as UsageRejected where !batch.entries.isEmpty {
                return await storeApart(batch, rejection)
            } catch {
                if Task.isCancelled { return }
                counters.retried()
                logger.warning(
                    "usage batch not stored, trying again",
                    metadata: ["error": "\(error)", "records": "\(batch.entries.count)"])
            }
            try? await Task.sleep(for: delay * Double.random(in: 0.8...1.2))
            delay = min(delay * 2, .seconds(2))
        }
    }

    /// Halves a batch that the database refuses until the record at fault stands alone; that one is dropped, its number is not.
    private func storeApart(_ batch: UsageBatch, _ rejection: UsageRejected) async {
        guard batch.entries.count > 1 else {
            logger.error(
                "usage record refused by the database and dropped",
                metadata: ["reason": "\(rejection.reason)"])
            counters.dropped(1, .rejected)
            release(1)
            return await store(
                UsageBatch(incarnation: incarnation, sequence: batch.sequence, entries: []))
        }
        let half = batch.entries.count / 2
        let middle = batch.sequence.lowerBound + half
        let first = UsageBatch(
            incarnation: incarnation, sequence: batch.sequence.lowerBound...middle - 1,
            entries: Array(batch.entries[..<half]))
        let second = UsageBatch(
            incarnation: incarnation, sequence: middle...batch.sequence.upperBound,
            entries: Array(batch.entries[half...]))
        await store(first)
        await store(second)
    }

    private func release(_ count: Int) { waiting.withLock { $0.outstanding -= count } }

    /// Counts what is left as lost; from now on nothing is taken.
    private func end() {
        let lost = waiting.withLock { waiting in
            defer {
                waiting.entries.removeAll()
                waiting.outstanding = 0
            }
            waiting.hasEnded = true
            return waiting.outstanding
        }
        counters.buffered(0)
        guard lost > 0 else { return }
        counters.dropped(lost, .shutdown)
        logger.error(
            "usage records lost: the database stayed away until the end", metadata: ["records": "\(lost)"]
        )
    }
}
