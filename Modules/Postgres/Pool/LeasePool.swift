import Logging
import Synchronization

/// Connections that one caller at a time has to itself.
final class LeasePool: Sendable {
    private let configuration: PostgresPool.Configuration
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        var idle: [PostgresConnection] = []
        /// How many more may be lent.
        var free: Int
        var waiters: [Int: CheckedContinuation<Void, any Error>] = [:]
        var queue: [Int] = []
        var nextWaiter = 0
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
            while let idle = state.withLock({ $0.idle.popLast() }) {
                if idle.isOpen { return idle }
            }
            return try await PostgresConnection.connect(configuration.connection, logger: logger)
        } catch {
            givePlaceBack()
            throw error
        }
    }

    func release(_ connection: PostgresConnection) {
        if connection.isOpen { state.withLock { $0.idle.append(connection) } }
        givePlaceBack()
    }

    /// Ends the transaction; a connection that can't do even that is given up.
    func rollBack(_ connection: PostgresConnection) async {
        if connection.isOpen, (try? await connection.query("ROLLBACK")) == nil { await connection.close() }
        release(connection)
    }

    func close() async {
        for connection in state.withLock({ exchange(&$0.idle, with: []) }) { await connection.close() }
    }

    private func takePlace() async throws {
        let taken = state.withLock { state in
            if state.free == 0 { return false }
            state.free -= 1
            return true
        }
        if taken { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.waitForPlace() }
            group.addTask {
                try await Task.sleep(for: self.configuration.acquireTimeout)
                throw PostgresError(.poolTimeout, message: "all \(self.configuration.leasedConnections) connections are lent")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func waitForPlace() async throws {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let ready: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.free > 0 {
                        state.free -= 1
                        return .success(())
                    }
                    state.waiters[id] = continuation
                    state.queue.append(id)
                    return nil
                }
                if let ready { continuation.resume(with: ready) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }

    /// Hands the place to whoever has waited longest, or keeps it free.
    private func givePlaceBack() {
        let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            while !state.queue.isEmpty {
                if let waiter = state.waiters.removeValue(forKey: state.queue.removeFirst()) { return waiter }
            }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
