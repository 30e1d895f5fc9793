import CLibPQ
package import Logging

/// A connection of one's own, for a migration runner or a tool; also what a transaction is lent.
package final class PostgresConnection: Sendable {
    let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    /// Connects, or throws ``PostgresError``.
    package static func connect(_ configuration: ConnectionConfiguration, logger: Logger) async throws -> PostgresConnection {
        PostgresConnection(try await Connection.establish(configuration, logger: logger))
    }

    /// Runs one statement: a transaction by itself unless BEGIN was sent before. A cancelled query is stopped on the server,
    /// and the connection given up.
    package func query(_ sql: SQL) async throws -> Rows {
        try await connection.run([sql], isExclusive: true).first ?? .none
    }

    /// Runs every statement of `text` by the simple protocol; nothing can be bound.
    package func script(_ text: String) async throws { try await connection.script(text) }

    /// Hands the rows of `sql` to `body` in batches; the server waits while `body` works.
    package func stream(_ sql: SQL, batchSize: Int = 256, _ body: ([Row]) async throws -> Void) async throws {
        try await connection.stream(sql, batchSize: batchSize, body)
    }

    package func close() async { await connection.close() }

    package var isOpen: Bool { connection.isOpen }

    /// The server process behind this connection; nil when it is closed.
    package func backendPID() async -> Int32? { unsafe await connection.withPointer { unsafe PQbackendPID($0) } }
}

/// The connection a transaction has to itself until it ends.
package typealias LeasedConnection = PostgresConnection
