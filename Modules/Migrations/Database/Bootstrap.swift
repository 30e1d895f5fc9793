package import Logging
import Postgres

/// Makes what migrations can't: the roles, the database and its schemas. Running it again repairs what differs.
package struct Bootstrap: Sendable {
    private let configuration: ConnectionConfiguration
    private let database: String
    private let secret: String?
    private let logger: Logger

    /// "tesserab" as a number: the same in every version.
    private static let lock: Int64 = 0x7465_7373_6572_6162

    /// - Parameters:
    ///   - url: as a superuser, or as a role with CREATEROLE and CREATEDB, to any database of the server.
    ///   - database: the name of the product's database.
    ///   - secret: what the logins' passwords are derived from (``RolePassword``); nil leaves them without.
    package init(url: String, database: String, secret: String?, logger: Logger) {
        configuration = ConnectionConfiguration(url: url)
        self.database = database
        self.secret = secret
        self.logger = logger
    }

    package func run() async throws {
        do {
            let server = try await DatabaseAccess.connect(configuration, logger: logger)
            // Roles belong to the whole server: two at once would trip over each other.
            _ = try await server.query("SELECT pg_advisory_lock(\(Self.lock))")
            try await makeRoles(server)
            try await makeDatabase(server)
            _ = try await server.query("SELECT pg_advisory_unlock(\(Self.lock))")
            await server.close()
            var inside = configuration
            inside.database = database
            let connection = try await DatabaseAccess.connect(inside, logger: logger)
            try await connection.script(Self.schemas(database))
            await connection.close()
        } catch {
            throw DatabaseAccess.explained(error)
        }
    }

    private func makeRoles(_ server: PostgresConnection) async throws {
        let existing = Set(try await server.query("SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'tessera\\_%'").decode(String.self))
        let isSuperuser = try await server.query("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").decode(Bool.self) == [true]
        for role in DatabaseRole.allCases {
            if !existing.contains(role.rawValue) { try await server.script("CREATE ROLE \(role.rawValue)") }
            var script = "ALTER ROLE \(role.rawValue) \(role.attributes)"
            if isSuperuser { script += " NOSUPERUSER NOBYPASSRLS NOREPLICATION" }
            if let secret, role.logsIn {
                // The derived password is base64url: nothing in it needs quoting.
                script += " PASSWORD '\(RolePassword.derive(secret: secret, role: role.rawValue))'"
            }
            try await server.script(script)
            for (name, value) in role.settings where isSuperuser || name != "log_error_verbosity" {
                try await server.script("ALTER ROLE \(role.rawValue) SET \(name) = '\(value)'")
            }
        }
        try await server.script("GRANT tessera_owner TO tessera_migrator")
    }

    private func makeDatabase(_ server: PostgresConnection) async throws {
        let exists = try await server.query("SELECT 1 FROM pg_database WHERE datname = \(database)").count == 1
        if !exists { try await server.script(SQL("CREATE DATABASE \(identifier: database) ENCODING 'UTF8' TEMPLATE template0").text) }
    }

    private static func schemas(_ database: String) -> String {
        let logins = DatabaseRole.allCases.filter(\.logsIn).map(\.rawValue).joined(separator: ", ")
        let runtime = DatabaseRole.allCases.filter(\.servesRequests).map(\.rawValue).joined(separator: ", ")
        let name = SQL("\(identifier: database)").text
        return """
            REVOKE ALL ON DATABASE \(name) FROM PUBLIC;
            GRANT CONNECT ON DATABASE \(name) TO \(logins);
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            CREATE SCHEMA IF NOT EXISTS tessera;
            CREATE SCHEMA IF NOT EXISTS tessera_partitions;
            CREATE SCHEMA IF NOT EXISTS tessera_migrations;
            ALTER SCHEMA tessera OWNER TO tessera_owner;
            ALTER SCHEMA tessera_partitions OWNER TO tessera_owner;
            ALTER SCHEMA tessera_migrations OWNER TO tessera_owner;
            GRANT USAGE ON SCHEMA tessera TO \(runtime);
            GRANT USAGE ON SCHEMA tessera_migrations TO tessera_jobs;
            """
    }
}
