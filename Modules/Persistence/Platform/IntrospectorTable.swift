package import Domain
import FoundationEssentials
import Postgres

/// Introspectors, as an operator makes and revokes them.
package struct IntrospectorTable: IntrospectorStore {
    private let database: AdminDatabase

    package init(_ database: AdminDatabase) { self.database = database }

    package func insert(_ introspector: Introspector, hash: HashedToken, _ audit: AuditEntry) async throws {
        _ = try await database.unit([
            """
            INSERT INTO tessera.introspectors (id, name, hash, created_at)
            VALUES (\(introspector.id.uuid), \(introspector.name), \(Bytea(hash.bytes)), \(introspector.createdAt))
            """,
            "SELECT \(audit.call)",
        ])
    }

    package func introspectors() async throws -> [Introspector] {
        // A handful of rows: read in full. Their ids are ordered by time.
        try await database.unit(["SELECT id, name, created_at, revoked_at FROM tessera.introspectors ORDER BY id DESC"])[0]
            .decode(UUID.self, String.self, Date.self, Date?.self)
            .map { Introspector(id: IntrospectorID($0.0), name: $0.1, createdAt: $0.2, revokedAt: $0.3) }
    }

    package func revoke(_ id: IntrospectorID, _ audit: AuditEntry) async throws -> IntrospectorEnding {
        // By primary key, both.
        let rows = try await database.unit([
            """
            WITH ended AS (
                UPDATE tessera.introspectors SET revoked_at = \(audit.occurredAt) WHERE id = \(id.uuid) AND revoked_at IS NULL RETURNING id
            )
            SELECT \(audit.call) FROM ended
            """,
            "SELECT 1 FROM tessera.introspectors WHERE id = \(id.uuid)",
        ])
        return rows[0].count == 1 ? .revoked : rows[1].count == 1 ? .revokedBefore : .unknown
    }
}
