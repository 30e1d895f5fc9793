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

    /// How many connections a request may find given up before it was sent.
    private static let attempts = 3

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
        var attempt = 1
        while true {
            do {
                return try await shared.next(within: configuration.acquireTimeout).run(statements, settings: settings)
            } catch let error as PostgresError where error.isUnsent && attempt < Self.attempts {
                // The connection was given up between its choice and the sending.
                attempt += 1
            }
        }
    }

    /// Runs `body` between BEGIN and COMMIT on a connection of its own; ROLLBACK if it throws.
    ///
    /// Throws ``PostgresError`` with ``SQLState/inFailedTransaction`` if `body` returns although a statement of it has failed: the
    /// server has rolled back then.
    package func transaction<Value: Sendable>(
        settings: [Setting] = [], _ body: (LeasedConnection) async throws -> Value
    ) async throws -> Value {
        let lease = try await leases.acquire()
        do {
            _ = try await lease.connection.run([SQL("BEGIN")] + settings.map(\.statement), isExclusive: true)
            let value = try await body(lease)
            if try await lease.query("COMMIT").tag == "ROLLBACK" { throw PostgresError(.server, sqlState: .inFailedTransaction) }
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
            for _ in 0..<configuration.sharedConnections { group.addTask { await self.maintain() } }
            await group.waitForAll()
        }
        await leases.close()
    }

    /// Keeps one shared connection open: replaces it when it breaks or grows old. What an old one has in flight is answered while
    /// its replacement serves.
    private func maintain() async {
        await withDiscardingTaskGroup { retirements in
            var backoff = Backoff()
            var current: Connection?
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                do {
                    let connection = try await connect()
                    shared.insert(connection)
                    if let old = exchange(&current, with: connection) {
                        shared.remove(old)
                        retirements.addTask { await old.close() }
                    }
                    let start = ContinuousClock.now
                    if let reason = await endOfLife(of: connection) {
                        shared.remove(connection)
                        current = nil
                        logger.warning("database connection lost", metadata: ["reason": "\(String(reflecting: reason))"])
                        // A server that takes connections only to drop them must not be asked again and again.
                        if ContinuousClock.now - start < .seconds(1) { await pause(backoff.next()) } else { backoff.reset() }
                    } else {
                        backoff.reset()
                    }
                } catch {
                    if Task.isShuttingDownGracefully || Task.isCancelled { break }
                    shared.noteFailure(error as? PostgresError ?? PostgresError(.connection))
                    logger.warning("database unreachable", metadata: ["reason": "\(String(reflecting: error))"])
                    await pause(backoff.next())
                }
            }
            if let current {
                shared.remove(current)
                await current.close()
            }
        }
        shared.close()
    }

    private func connect() async throws -> Connection {
        try await cancelWhenGracefulShutdown {
            let silenceLimit = self.configuration.connection.statementTimeout ?? .seconds(60)
            return try await Connection.establish(self.configuration.connection, logger: self.logger, silenceLimit: silenceLimit)
        }
    }

    private func pause(_ delay: Duration) async {
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: delay) }
    }

    /// Waits until the connection has broken (then answers why), is old, or the service stops.
    private func endOfLife(of connection: Connection) async -> PostgresError? {
        let lifetime = configuration.maximumLifetime * Double.random(in: 0.9...1.1)
        return await withTaskGroup(of: PostgresError?.self) { group in
            group.addTask { await connection.brokenOrCancelled() }
            group.addTask {
                await self.pause(lifetime)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}
