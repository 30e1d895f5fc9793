package import Postgres

/// Whether the database is as it must be before anyone is served: no role has more than its own rights, row security is on
/// wherever there are tenants, and the schema is the one this code was written for.
package struct StartupCheck: Sendable {
    private let pools: [(role: String, pool: PostgresPool)]
    private let jobs: PostgresPool

    /// - Parameters:
    ///   - pools: one for each role that the API logs in as.
    ///   - jobs: the one of `tessera_jobs`, which may read the runner's history.
    package init(pools: [(role: String, pool: PostgresPool)], jobs: PostgresPool) {
        self.pools = pools
        self.jobs = jobs
    }

    /// A sentence for each thing that is wrong; none: all is well. Throws where the database can't be asked.
    package func faults() async throws -> [String] {
        var faults: [String] = []
        for (role, pool) in pools { faults += try await Self.faults(ofRole: role, pool) }
        faults += try await Self.schemaFaults(jobs)
        if faults.isEmpty { faults += try await Self.isolationFaults(jobs) }
        return faults
    }

    private static func faults(ofRole role: String, _ pool: PostgresPool) async throws -> [String] {
        let rows = try await pool.query(
            """
            SELECT current_user::text, rolsuper, rolbypassrls,
                   EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p')) FROM pg_roles r WHERE rolname = current_user
            """
        ).decode(String.self, Bool.self, Bool.self, Bool.self)
        guard let (user, isSuperuser, bypasses, owns) = rows.first else { return ["The role \(role) can't see itself in pg_roles."] }
        var faults: [String] = []
        if isSuperuser {
            faults.append("The login for \(role) is the superuser \(user): give it the role \(role), which tessera-migrate bootstrap makes.")
        }
        if bypasses, !isSuperuser { faults.append("The role \(user) bypasses row security: run ALTER ROLE \(user) NOBYPASSRLS.") }
        if owns, !isSuperuser { faults.append("The role \(user) owns tables: they must belong to tessera_owner.") }
        return faults
    }

    private static func schemaFaults(_ pool: PostgresPool) async throws -> [String] {
        let exists = try await pool.query("SELECT to_regclass('tessera_migrations.history') IS NOT NULL").decode(Bool.self).first ?? false
        guard exists else { return ["The database has no schema yet: run tessera-migrate up."] }
        let newest =
            try await pool.query("SELECT coalesce(max(version), 0) FROM tessera_migrations.history WHERE complete").decode(Int64.self).first ?? 0
        if newest < SchemaVersion.current {
            return ["The schema is at \(newest) and this tessera-api needs \(SchemaVersion.current): run tessera-migrate up."]
        }
        if newest > SchemaVersion.current {
            return [
                "The schema is at \(newest), newer than this tessera-api's \(SchemaVersion.current): deploy the newer tessera-api, or take the newer migrations back."
            ]
        }
        return []
    }

    /// Tables of people, not of a tenant: their columns that name a tenant are no wall.
    private static let globalTables = ["sessions"]

    private static func isolationFaults(_ pool: PostgresPool) async throws -> [String] {
        let unprotected = try await pool.query(
            """
            SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
              AND (n.nspname = 'tessera_partitions' OR n.nspname = 'tessera' AND c.relname <> ALL (\(globalTables))
                   AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('tenant_id', 'tenant') AND NOT a.attisdropped))
            """
        ).decode(String.self)
        let granted = try await pool.query(
            """
            SELECT DISTINCT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) AS acl
            WHERE n.nspname = 'tessera_partitions' AND acl.grantee <> c.relowner
            """
        ).decode(String.self)
        return unprotected.map { "Row security is not enabled and forced on \($0): restore it before serving." }
            + granted.map { "Someone was granted rights on the partition \($0): revoke them." }
    }
}
