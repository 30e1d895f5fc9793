package import Domain
package import FoundationEssentials
import Postgres

/// The keys of access tokens, their private halves sealed.
package struct SigningKeyTable: SigningKeyStore {
    private let database: AuthDatabase

    package init(_ database: AuthDatabase) { self.database = database }

    package func keys(at now: Date) async throws -> [StoredSigningKey] { try Self.keys(try await database.query(Self.selection(now))) }

    package func insertFirst(_ key: StoredSigningKey, at now: Date) async throws -> [StoredSigningKey] {
        // The lock makes a second node at its first start wait, and then find the first one's key.
        let rows = try await database.unit([
            "SELECT 1 FROM pg_advisory_xact_lock(hashtext('tessera.signing_keys'))",
            """
            INSERT INTO tessera.signing_keys (kid, public_key, sealed_private_key, created_at)
            SELECT \(key.id), \(Bytea(key.publicKey)), \(Bytea(key.sealedPrivateKey)), \(key.createdAt)
            WHERE NOT EXISTS (SELECT FROM tessera.signing_keys WHERE retired_at IS NULL OR retired_at > \(now))
            """,
            Self.selection(now),
        ])
        return try Self.keys(rows[2])
    }

    package func rotate(to key: StoredSigningKey, retiringOthersAt end: Date, _ audit: AuditEntry) async throws {
        _ = try await database.unit([
            "SELECT 1 FROM pg_advisory_xact_lock(hashtext('tessera.signing_keys'))",
            "UPDATE tessera.signing_keys SET retired_at = least(retired_at, \(end))",
            """
            INSERT INTO tessera.signing_keys (kid, public_key, sealed_private_key, created_at)
            VALUES (\(key.id), \(Bytea(key.publicKey)), \(Bytea(key.sealedPrivateKey)), \(key.createdAt))
            """,
            "SELECT \(audit.call)",
        ])
    }

    /// A handful of rows: read in full.
    private static func selection(_ now: Date) -> SQL {
        """
        SELECT kid, public_key, sealed_private_key, created_at FROM tessera.signing_keys WHERE retired_at IS NULL OR retired_at > \(now)
        ORDER BY created_at DESC, kid
        """
    }

    private static func keys(_ rows: Rows) throws -> [StoredSigningKey] {
        try rows.decode(String.self, Bytea.self, Bytea.self, Date.self).map { id, publicKey, sealed, createdAt in
            StoredSigningKey(id: id, publicKey: publicKey.bytes, sealedPrivateKey: sealed.bytes, createdAt: createdAt)
        }
    }
}
