import Domain
import Synchronization

/// A sink that keeps what it is given the way the database does: guarded by the mark of what is stored already.
final class MemorySink: UsageSink {
    /// What goes wrong before a batch is stored; the attempts are counted from 1.
    private let before: @Sendable (_ batch: UsageBatch, _ attempt: Int) async throws -> Void
    /// What goes wrong once it is.
    private let after: @Sendable (_ batch: UsageBatch, _ attempt: Int) async throws -> Void
    private let state = Mutex(State())

    private struct State {
        var mark = 0
        var entries: [UsageBatch.Entry] = []
        var attempts: [UsageBatch] = []
    }

    init(
        before: @escaping @Sendable (UsageBatch, Int) async throws -> Void = { _, _ in },
        after: @escaping @Sendable (UsageBatch, Int) async throws -> Void = { _, _ in }
    ) {
        self.before = before
        self.after = after
    }

    func store(_ batch: UsageBatch) async throws {
        let attempt = state.withLock { state in
            state.attempts.append(batch)
            return state.attempts.count
        }
        try await before(batch, attempt)
        try state.withLock { state in
            if batch.sequence.upperBound <= state.mark { return }
            guard batch.sequence.lowerBound == state.mark + 1 else { throw SequenceGap(mark: state.mark, batch: batch.sequence) }
            state.mark = batch.sequence.upperBound
            state.entries += batch.entries
        }
        try await after(batch, attempt)
    }

    /// Every batch that was handed in, in this order, stored or not.
    var attempts: [UsageBatch] { state.withLock { $0.attempts } }
    var entries: [UsageBatch.Entry] { state.withLock { $0.entries } }
    var stored: [UsageRecord] { entries.map(\.record) }
    /// The last number that is stored; all before it are.
    var mark: Int { state.withLock { $0.mark } }
}

/// A batch that doesn't follow the last one stored. The recorder would try it for ever.
struct SequenceGap: Error {
    let mark: Int
    let batch: ClosedRange<Int>
}

/// The database can't be reached.
struct Away: Error {}
