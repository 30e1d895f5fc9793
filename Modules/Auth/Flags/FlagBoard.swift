package import Domain
import FoundationEssentials
package import Logging
import ServiceLifecycle
import Synchronization

/// All flags and overrides in this node's memory, so that asking costs no query.
///
/// Read again as soon as ``wake()`` says that something changed, and every ``interval`` anyway, since a notification can get lost: a change is
/// effective on every node within a second. While the database is away what was read last holds; at a start without it what the code says.
package final class FlagBoard: Service, FeatureFlags {
    private let state: Mutex<State>
    private let source: any FlagSource
    private let logger: Logger
    private let now: @Sendable () -> ContinuousClock.Instant
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    private struct State {
        var snapshot: FlagSnapshot
        /// When the reading began that the snapshot is of, or that found it unchanged.
        var asOf: ContinuousClock.Instant
        var fails = false
    }

    /// - Parameter known: what was read at the start, just now; nil: it couldn't be.
    package init(
        _ known: FlagSnapshot?, source: any FlagSource, logger: Logger, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        state = Mutex(State(snapshot: known ?? .builtIn, asOf: now()))
        self.source = source
        self.logger = logger
        self.now = now
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// How long a change stays unknown at most where its notification is lost: two readings, and room for slow ones, fit in a second.
    package static let interval = Duration.milliseconds(400)

    package func evaluation(of flag: FeatureFlag, for tenant: TenantID?) -> FlagEvaluation {
        state.withLock(\.snapshot).evaluation(of: flag, for: tenant)
    }

    /// How long ago it was last known to be true. Grows while the flags can't be read.
    package var age: Duration { now() - state.withLock(\.asOf) }

    /// Says that something changed. Doesn't block; many at once lead to one reading.
    package func wake() { waker.yield() }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.wakeEveryInterval() }
                for await _ in self.wakes { await self.refresh() }
                group.cancelAll()
            }
        }
    }

    private func wakeEveryInterval() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval * Double.random(in: 0.8...1))
            wake()
        }
    }

    /// Reads the flags now. Where that fails, those at hand stay.
    ///
    /// - Parameter inFull: also where no version moved: behind a new connection there may be another database, restored from a backup.
    package func refresh(inFull: Bool = false) async {
        let begun = now()
        let revision = inFull ? nil : state.withLock(\.snapshot.revision)
        do {
            let changed = try await source.snapshot(since: revision)
            let recovered = state.withLock { state in
                // Of two at once, the one that began later knows better.
                guard state.asOf <= begun else { return false }
                defer { state.fails = false }
                state.asOf = begun
                if let changed { state.snapshot = changed }
                return state.fails
            }
            if recovered { logger.notice("feature flags are read again") }
        } catch {
            // Whoever stops needs no flags any more.
            if Task.isCancelled { return }
            // Once an outage, not three times a second.
            let isNews = state.withLock { state in
                defer { state.fails = true }
                return !state.fails
            }
            if isNews { logger.warning("feature flags not read again; the ones at hand stay", metadata: ["error": "\(String(reflecting: error))"]) }
        }
    }
}
