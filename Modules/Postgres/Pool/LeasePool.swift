import Logging
import Synchronization

/// Connections that one caller at a time has to itself.
final class LeasePool: Sendable {
    private let configuration: PostgresPool.Configuration
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        var idle: [Lease] = []
        var lent: [ObjectIdentifier: Lease] = [:]
        /// How many more may be lent.
        var free: Int
        var waiters = LeaseWaiters()
        var isClosed = false
        /// Resumed when the last lease of a closed pool is back.
        var onEmpty: CheckedContinuation<Void, Never>?
    }

    init(_ configuration: PostgresPool.Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        state = Mutex(State(free: configuration.leasedConnections))
    }

    /// A connection that is nobody else's. Throws ``PostgresError/Kind/poolTimeout`` if none becomes free in time.
    func acquire() async throws -> PostgresConnection {
        try await takePlace()
        do {
            let lease = try await idleOrNew()
            state.withLock { $0.lent[ObjectIdentifier(lease.connection)] = lease }
            return lease.connection
        } catch {
            givePlaceBack()
            throw error
        }
    }

    func release(_ connection: PostgresConnection) {
        let discarded = state.withLock { state -> PostgresConnection? in
            guard let lease = state.lent.removeValue(forKey: ObjectIdentifier(connection)) else { return nil }
            if lease.isUsable, !state.isClosed {
                state.idle.append(lease)
                return nil
            }
            return connection
        }
        discarded?.connection.abort(PostgresError(.connection, message: "closed"))
        givePlaceBack()
    }

    /// Ends the transaction; a connection that can't do even that is given up.
    func rollBack(_ connection: PostgresConnection) async {
        if connection.isOpen, (try? await connection.query("ROLLBACK")) == nil { await connection.close() }
        release(connection)
    }

    /// Refuses whoever comes, waits for what is lent, closes what is idle. A cancelled task doesn't wait.
    func close() async {
        let (idle, waiting) = state.withLock { state in
            state.isClosed = true
            return (exchange(&state.idle, with: []), state.waiters.removeAll())
        }
        for waiter in waiting { waiter.resume(throwing: PostgresError(.poolClosed)) }
        for lease in idle { await lease.connection.close() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isEmpty = state.withLock { state in
                    if !state.lent.isEmpty { state.onEmpty = continuation }
                    return state.lent.isEmpty
                }
                if isEmpty { continuation.resume() }
            }
        } onCancel: {
            for lease in state.withLock({ $0.lent.values }) { lease.connection.connection.abort(PostgresError(.poolClosed)) }
        }
    }

    private func idleOrNew() async throws -> Lease {
        while let idle = state.withLock({ $0.idle.popLast() }) {
            if idle.isUsable { return idle }
            await idle.connection.close()
        }
        let lifetime = configuration.maximumLifetime * Double.random(in: 0.9...1.1)
        return Lease(
            connection: try await PostgresConnection.connect(configuration.connection, logger: logger), endOfLife: .now + lifetime)
    }

    private func takePlace() async throws {
        let ticket: Int? = try state.withLock { state in
            if state.isClosed { throw PostgresError(.poolClosed) }
            if state.free == 0 { return state.waiters.newTicket() }
            state.free -= 1
            return nil
        }
        guard let ticket else { return }
        defer { state.withLock { $0.waiters.forget(ticket) } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await Task.sleep(for: self.configuration.acquireTimeout)
                self.endWait(ticket, PostgresError(.poolTimeout, message: "all \(self.configuration.leasedConnections) connections are lent"))
            }
            defer { group.cancelAll() }
            try await waitForPlace(ticket)
        }
    }

    private func waitForPlace(_ ticket: Int) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let ready: Result<Void, any Error>? = state.withLock { state in
                    if state.isClosed { return .failure(PostgresError(.poolClosed)) }
                    if state.free > 0 {
                        state.free -= 1
                        return .success(())
                    }
                    return state.waiters.wait(ticket, continuation).map { .failure($0) }
                }
                if let ready { continuation.resume(with: ready) }
            }
        } onCancel: {
            endWait(ticket, CancellationError())
        }
    }

    /// Whoever takes a waiter out first, decides: a place is handed to it or its wait has ended, never both.
    private func endWait(_ ticket: Int, _ error: any Error) {
        state.withLock { $0.waiters.end(ticket, error) }?.resume(throwing: error)
    }

    /// Hands the place to whoever has waited longest, or keeps it free.
    private func givePlaceBack() {
        let (next, onEmpty) = state.withLock { state -> (CheckedContinuation<Void, any Error>?, CheckedContinuation<Void, Never>?) in
            if let waiter = state.waiters.removeFirst() { return (waiter, nil) }
            state.free += 1
            return (nil, state.lent.isEmpty ? exchange(&state.onEmpty, with: nil) : nil)
        }
        next?.resume()
        onEmpty?.resume()
    }
}

/// A connection for transactions, and when it is old.
private struct Lease {
    let connection: PostgresConnection
    let endOfLife: ContinuousClock.Instant

    var isUsable: Bool { connection.isOpen && .now < endOfLife }
}
