package import Logging
import ServiceLifecycle
import Synchronization

/// The connections of one role: a few that all requests share in pipelines, and a few that are lent to transactions.
///
/// While the database is away callers fail at once with the last reason, once a first attempt has failed; while connections are
/// being made for the first time they wait, for at most ``Configuration/acquireTimeout``.
package final class PostgresPool: Service, Sendable {
    package struct Configuration: Sendable {
        package var connection: ConnectionConfiguration
        /// Pipelined connections, open all the time.
        package var sharedConnections: Int
        /// Connections for interactive transactions, opened when first needed.
        package var leasedConnections: Int
        /// How long a caller waits for a connection.
        package var acquireTimeout = Duration.seconds(2)
        /// A connection is replaced at about this age (± 10 %).
        package var maximumLifetime = Duration.seconds(30 * 60)

        package init(connection: ConnectionConfiguration, sharedConnections: Int = 2, leasedConnections: Int = 4) {
            self.connection = connection
            self.sharedConnections = sharedConnections
            self.leasedConnections = leasedConnections
        }
    }

    private let configuration: Configuration
    private let logger: Logger
    private let shared: SharedConnections
    private let leases: LeasePool

    package init(_ configuration: Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        shared = SharedConnections()
        leases = LeasePool(configuration, logger: logger)
    }

    // MARK: Asking

    /// Runs one statement as a unit: see ``unit(_:settings:)``.
    package func query(_ sql: SQL, settings: [Setting] = []) async throws -> Rows {
        try await unit([sql], settings: settings).first ?? .none
    }

    /// Runs `statements` as one implicit transaction, in one send and one round trip, on a connection that others use at the
    /// same time. `settings` hold for this transaction only. All happen or none; the rows of each are answered.
    ///
    /// Throws ``PostgresError``. A cancelled call that is already sent runs to its end on the server; its rows are dropped.
    package func unit(_ statements: [SQL], settings: [Setting] = []) async throws -> [Rows] {
        try await shared.next(within: configuration.acquireTimeout).run(statements, settings: settings)
    }

    /// Runs `body` between BEGIN and COMMIT on a connection of its own; ROLLBACK if it throws.
    package func transaction<Value: Sendable>(
        settings: [Setting] = [], _ body: (LeasedConnection) async throws -> Value
    ) async throws -> Value {
        let lease = try await leases.acquire()
        do {
            _ = try await lease.connection.run([SQL("BEGIN")] + settings.map(\.statement), mayRetry: false)
            let value = try await body(lease)
            _ = try await lease.query("COMMIT")
            leases.release(lease)
            return value
        } catch {
            await leases.rollBack(lease)
            throw error
        }
    }

    /// Whether the database answers now.
    package func health() async -> Bool { (try? await query("SELECT 1")) != nil }

    /// How many shared connections are open, and how many requests they carry.
    package var gauges: (connections: Int, inFlight: Int, waiting: Int) { shared.gauges }

    // MARK: Living

    package func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<configuration.sharedConnections { group.addTask { await self.maintain(index) } }
            group.addTask { await self.watch() }
            await group.waitForAll()
        }
        await leases.close()
    }

    /// Keeps one shared connection open: replaces it when it breaks or grows old.
    private func maintain(_ index: Int) async {
        var backoff = Backoff()
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                let connection = try await cancelWhenGracefulShutdown {
                    try await Connection.establish(self.configuration.connection, logger: self.logger)
                }
                backoff.reset()
                shared.insert(connection)
                let reason = await endOfLife(of: connection)
                shared.remove(connection, reason: reason)
                await connection.close()
                if let reason { logger.warning("database connection lost", metadata: ["reason": "\(String(reflecting: reason))"]) }
            } catch {
                if Task.isShuttingDownGracefully || Task.isCancelled { break }
                shared.noteFailure(error as? PostgresError ?? PostgresError(.connection))
                logger.warning("database unreachable", metadata: ["reason": "\(String(reflecting: error))"])
                let delay = backoff.next()
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: delay) }
            }
        }
        shared.close()
    }

    /// Waits until the connection has broken (then answers why), is old, or the service stops.
    private func endOfLife(of connection: Connection) async -> PostgresError? {
        let lifetime = configuration.maximumLifetime * Double.random(in: 0.9...1.1)
        return await withTaskGroup(of: PostgresError?.self) { group in
            group.addTask { await connection.brokenOrCancelled() }
            group.addTask {
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: lifetime) }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    /// Gives up connections whose server has stopped answering.
    private func watch() async {
        let limit = (configuration.connection.statementTimeout ?? .seconds(60)) + .seconds(2)
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(500)) }
            for connection in shared.connections { connection.check(limit: limit) }
        }
    }
}
