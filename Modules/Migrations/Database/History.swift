import FoundationEssentials
import Postgres

/// The runner's own table, `tessera_migrations.history`.
struct History {
    let connection: PostgresConnection

    /// Makes the table if it is missing; `tessera_jobs` may read it, so that the API can tell whether it fits.
    func prepare() async throws {
        try await connection.script(
            """
            SET ROLE tessera_owner;
            CREATE TABLE IF NOT EXISTS tessera_migrations.history (
                version     bigint PRIMARY KEY,
                name        text NOT NULL,
                checksum    text NOT NULL,
                complete    boolean NOT NULL,
                statements  integer NOT NULL,
                applied_at  timestamptz NOT NULL DEFAULT now(),
                duration_ms integer NOT NULL,
                applied_by  text NOT NULL DEFAULT session_user
            );
            GRANT SELECT ON tessera_migrations.history TO tessera_jobs;
            RESET ROLE;
            """)
    }

    /// What was applied, oldest first; nothing if the table isn't there yet. Reads only.
    func entries() async throws -> [AppliedMigration] {
        let exists = try await connection.query("SELECT to_regclass('tessera_migrations.history') IS NOT NULL").decode(Bool.self)
        guard exists == [true] else { return [] }
        return try await connection.query(
            "SELECT version, name, checksum, complete, statements, applied_at, duration_ms FROM tessera_migrations.history ORDER BY version"
        ).decode(Int64.self, String.self, String.self, Bool.self, Int.self, Date.self, Int.self).map { row in
            AppliedMigration(
                version: row.0, name: row.1, checksum: row.2, isComplete: row.3, statements: row.4, appliedAt: row.5, duration: row.6)
        }
    }

    /// Notes how far `migration` has come. A second runner that gets here first makes the insert wait and then fail.
    func note(_ migration: Migration, isComplete: Bool, statements: Int, duration: Duration, isNew: Bool) async throws {
        let milliseconds = duration.wholeMilliseconds
        if isNew {
            _ = try await connection.query(
                """
                INSERT INTO tessera_migrations.history (version, name, checksum, complete, statements, duration_ms)
                VALUES (\(migration.version), \(migration.name), \(migration.checksum), \(isComplete), \(Int32(statements)), \(Int32(milliseconds)))
                """)
        } else {
            _ = try await connection.query(
                """
                UPDATE tessera_migrations.history SET complete = \(isComplete), statements = \(Int32(statements)), duration_ms = \(Int32(milliseconds))
                WHERE version = \(migration.version)
                """)
        }
    }

    func remove(_ version: Int64) async throws {
        _ = try await connection.query("DELETE FROM tessera_migrations.history WHERE version = \(version)")
    }
}
