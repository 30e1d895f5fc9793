import Synchronization

/// The open shared connections of a pool, and who waits for the first of them.
final class SharedConnections: Sendable {
    private let state = Mutex(State())

    private struct State {
        var connections: [Connection] = []
        var waiters: [Int: CheckedContinuation<Connection, any Error>] = [:]
        var nextWaiter = 0
        /// Why there is none; nil while the first attempt is still on its way.
        var failure: PostgresError?
        var isClosed = false
    }

    var gauges: (connections: Int, inFlight: Int, waiting: Int) {
        state.withLock { state in
            (state.connections.count, state.connections.reduce(0) { $0 + $1.load.load(ordering: .relaxed) }, state.waiters.count)
        }
    }

    /// The connection with the least to do. Throws at once while the database is known to be away, ``PostgresError/Kind/poolTimeout``
    /// if the first connection takes longer than `timeout`.
    func next(within timeout: Duration) async throws -> Connection {
        if let connection = try leastLoaded() { return connection }
        return try await withThrowingTaskGroup(of: Connection.self) { group in
            group.addTask { try await self.wait() }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw PostgresError(.poolTimeout, message: "no connection within \(timeout)")
            }
            defer { group.cancelAll() }
            guard let connection = try await group.next() else { throw PostgresError(.poolTimeout) }
            return connection
        }
    }

    func insert(_ connection: Connection) {
        let waiters = state.withLock { state in
            state.connections.append(connection)
            state.failure = nil
            return exchange(&state.waiters, with: [:])
        }
        for waiter in waiters.values { waiter.resume(returning: connection) }
    }

    func remove(_ connection: Connection) {
        state.withLock { $0.connections.removeAll { $0 === connection } }
    }

    func noteFailure(_ error: PostgresError) { endWaiting(error) { $0.failure = error } }

    func close() { endWaiting(PostgresError(.poolClosed)) { $0.isClosed = true } }

    private func endWaiting(_ error: PostgresError, _ change: (inout State) -> Void) {
        let waiters = state.withLock { state in
            change(&state)
            return state.connections.isEmpty ? exchange(&state.waiters, with: [:]) : [:]
        }
        for waiter in waiters.values { waiter.resume(throwing: error) }
    }

    private func leastLoaded() throws -> Connection? {
        try state.withLock { state in
            let open = state.connections.lazy.filter(\.isOpen)
            if let connection = open.min(by: { $0.load.load(ordering: .relaxed) < $1.load.load(ordering: .relaxed) }) { return connection }
            if state.isClosed { throw PostgresError(.poolClosed) }
            if let failure = state.failure { throw failure }
            return nil
        }
    }

    private func wait() async throws -> Connection {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let ready: Result<Connection, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if let connection = state.connections.first(where: \.isOpen) { return .success(connection) }
                    if let failure = state.failure { return .failure(failure) }
                    state.waiters[id] = continuation
                    return nil
                }
                if let ready { continuation.resume(with: ready) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }
}
