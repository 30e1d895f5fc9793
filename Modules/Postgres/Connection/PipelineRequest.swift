import Synchronization

/// Statements on their way to the server as one implicit transaction, and who waits for their rows.
///
/// Its continuation is resumed exactly once, by whoever takes it out of the lock first: the connection or a cancellation.
final class PipelineRequest: Sendable {
    let statements: [SQL]
    /// Results at the beginning that nobody asked for: of settings.
    let skipped: Int
    private let state = Mutex(State.idle)
    private let hasRetried = Atomic(false)

    private enum State {
        case idle
        case waiting(CheckedContinuation<[Rows], any Error>)
        case finished
    }

    init(_ statements: [SQL], settings: [Setting]) {
        self.statements = settings.map(\.statement) + statements
        skipped = settings.count
    }

    /// Whether nobody waits any longer.
    var isAbandoned: Bool {
        state.withLock { if case .finished = $0 { true } else { false } }
    }

    /// Takes the continuation; false if the request was cancelled before, and the continuation has been told.
    func arm(_ continuation: CheckedContinuation<[Rows], any Error>) -> Bool {
        let isArmed = state.withLock { state in
            guard case .idle = state else { return false }
            state = .waiting(continuation)
            return true
        }
        if !isArmed { continuation.resume(throwing: CancellationError()) }
        return isArmed
    }

    /// Nobody waits any longer: what isn't sent yet is passed over, the answer to what is will be dropped.
    func cancel() { take()?.resume(throwing: CancellationError()) }

    /// True once: a stale plan is made anew a single time.
    func claimRetry() -> Bool { !hasRetried.exchange(true, ordering: .relaxed) }

    func finish(_ result: Result<[Rows], PostgresError>) { take()?.resume(with: result) }

    private func take() -> CheckedContinuation<[Rows], any Error>? {
        state.withLock { state in
            defer { state = .finished }
            if case .waiting(let continuation) = state { return continuation }
            return nil
        }
    }
}
