import Postgres
import Support

/// What a private server counts of the statements it runs (`pg_stat_statements`).
struct ServerStatistics: Sendable {
    /// What a server needs to be started with.
    static let settings = ["shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track=all"]

    private let connection: PostgresConnection
    private let database: TestDatabase

    /// One statement of one role.
    struct Statement: Sendable {
        let role: String
        let text: String
        let calls: Int

        /// A node reads its signing keys and the like every so often, whatever is asked of it.
        var isUpkeep: Bool {
            ["signing_keys", "token_prefixes", "feature_flags", "tenant_limits"].contains { text.contains("FROM tessera.\($0)") }
        }
    }

    /// Looks from outside of `database`, whose schema is none of the extension's.
    static func with<Value>(_ server: PrivateServer, _ database: TestDatabase, _ body: (ServerStatistics) async throws -> Value) async throws -> Value
    {
        let connection = try await PostgresConnection.connect(server.configuration, logger: .silent)
        do {
            try await connection.script("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
            let value = try await body(ServerStatistics(connection: connection, database: database))
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    func reset() async throws { try await connection.script("SELECT pg_stat_statements_reset()") }

    /// What was run since the last reset by one of `roles`.
    func statements(of roles: String...) async throws -> [Statement] {
        // Reads shared memory: no index, a few hundred rows.
        try await connection.query(
            """
            SELECT r.rolname::text, s.query, s.calls
            FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid JOIN pg_database d ON d.oid = s.dbid
            WHERE d.datname = \(database.name) AND r.rolname::text = ANY (\(roles))
            """
        ).decode(String.self, String.self, Int.self).map { Statement(role: $0.0, text: $0.1, calls: $0.2) }
    }
}
