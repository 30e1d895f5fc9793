package import Domain
import FoundationEssentials
import Postgres

/// The keys of access tokens, their private halves sealed.
package struct SigningKeyTable: SigningKeyStore {
    private let database: AuthDatabase

    package init(_ database: AuthDatabase) { self.database = database }

    package func keys() async throws -> [StoredSigningKey] { try Self.keys(try await database.query(Self.selection)) }

    package func insertFirst(_ key: StoredSigningKey) async throws -> [StoredSigningKey] {
        // The lock makes a second node at its first start wait, and then find the first one's key.
        let rows = try await database.unit([
            "SELECT 1 FROM pg_advisory_xact_lock(hashtext('tessera.signing_keys'))",
            """
            INSERT INTO tessera.signing_keys (kid, public_key, sealed_private_key, created_at)
            SELECT \(key.id), \(Bytea(key.publicKey)), \(Bytea(key.sealedPrivateKey)), \(key.createdAt)
            WHERE NOT EXISTS (SELECT FROM tessera.signing_keys WHERE retired_at IS NULL)
            """,
            Self.selection,
        ])
        return try Self.keys(rows[2])
    }

    /// A handful of rows: read in full.
    private static let selection: SQL =
        "SELECT kid, public_key, sealed_private_key, created_at FROM tessera.signing_keys WHERE retired_at IS NULL ORDER BY created_at DESC, kid"

    private static func keys(_ rows: Rows) throws -> [StoredSigningKey] {
        try rows.decode(String.self, Bytea.self, Bytea.self, Date.self).map { id, publicKey, sealed, createdAt in
            StoredSigningKey(id: id, publicKey: publicKey.bytes, sealedPrivateKey: sealed.bytes, createdAt: createdAt)
        }
    }
}
