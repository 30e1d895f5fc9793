package import Domain
import FoundationEssentials
import Postgres

/// The chains of audit entries, as `tessera_admin` may read them.
package struct AuditChainTable: AuditChains {
    private let database: AdminDatabase

    package init(_ database: AdminDatabase) { self.database = database }

    package func tenants(behind tenant: TenantID?, most: Int) async throws -> [TenantID] {
        let most = Int64(most)
        let behind: SQL = if let tenant { "tenant_id > \(tenant.uuid)" } else { "true" }
        // By the primary keys: entries without a head and without an anchor are found by going from each tenant to the next.
        let rows = try await database.unit([
            """
            WITH RECURSIVE written (tenant_id) AS (
                (SELECT tenant_id FROM tessera.audit_log WHERE \(behind) ORDER BY tenant_id LIMIT 1)
                UNION ALL
                SELECT (SELECT l.tenant_id FROM tessera.audit_log l WHERE l.tenant_id > w.tenant_id ORDER BY l.tenant_id LIMIT 1)
                FROM written w WHERE w.tenant_id IS NOT NULL
            )
            SELECT tenant_id FROM (
                (SELECT tenant_id FROM written WHERE tenant_id IS NOT NULL LIMIT \(most))
                UNION
                (SELECT tenant_id FROM tessera.audit_head WHERE \(behind) ORDER BY tenant_id LIMIT \(most))
                UNION
                (SELECT tenant_id FROM tessera.audit_anchor WHERE \(behind) ORDER BY tenant_id LIMIT \(most))
            ) t ORDER BY tenant_id LIMIT \(most)
            """
        ])
        return try rows[0].decode(UUID.self).map(TenantID.init)
    }

    package func bounds(of tenant: TenantID) async throws -> AuditBounds {
        // One statement, so that all is of one moment: by primary keys and the end of audit_log_seq_key.
        let rows = try await database.unit([
            """
            SELECT h.seq, h.hash, a.seq, a.hash, (SELECT max(l.seq) FROM tessera.audit_log l WHERE l.tenant_id = t.id)
            FROM (SELECT \(tenant.uuid) AS id) t
            LEFT JOIN tessera.audit_head h ON h.tenant_id = t.id
            LEFT JOIN tessera.audit_anchor a ON a.tenant_id = t.id
            """
        ])
        let (head, headHash, anchor, anchorHash, newest) = try rows[0].decode(Int64?.self, Bytea?.self, Int64?.self, Bytea?.self, Int64?.self)[0]
        return AuditBounds(head: Self.place(head, headHash), anchor: Self.place(anchor, anchorHash), newest: newest)
    }

    package func links(
        of tenant: TenantID, behind seq: Int64, through last: Int64, most: Int
    ) async throws -> (links: [AuditLink], anchor: AuditPlace?) {
        // In the order of audit_log_seq_key. The digest is written out (like tessera.audit_digest) and not called: whoever could change
        // entries could change that function too. The anchor comes second, so that it covers whatever the first no longer saw.
        let rows = try await database.unit([
            """
            SELECT seq, id, previous_hash, hash, sha256(previous_hash || convert_to(jsonb_build_array(tenant_id, seq, id,
                (extract(epoch FROM occurred_at) * 1000000)::bigint, actor_type, actor_id, action, target_type, target_id, host(ip_address),
                request_id, changes)::text, 'UTF8'))
            FROM tessera.audit_log WHERE tenant_id = \(tenant.uuid) AND seq > \(seq) AND seq <= \(last) ORDER BY seq LIMIT \(Int64(most))
            """,
            "SELECT seq, hash FROM tessera.audit_anchor WHERE tenant_id = \(tenant.uuid)",
        ])
        let links = try rows[0].decode(Int64.self, UUID.self, Bytea.self, Bytea.self, Bytea.self).map { seq, id, previous, hash, digest in
            AuditLink(
                seq: seq, id: id, previousHash: AuditHash(bytes: previous.bytes), hash: AuditHash(bytes: hash.bytes),
                digest: AuditHash(bytes: digest.bytes))
        }
        let anchor = try rows[1].decode(Int64.self, Bytea.self).first
        return (links, Self.place(anchor?.0, anchor?.1))
    }

    package func places(of heads: [AuditHead]) async throws -> [AuditPlaceNow] {
        // By audit_log_seq_key and the anchors' primary key.
        let rows = try await database.unit([
            """
            SELECT l.hash, a.seq, a.hash
            FROM unnest(\(heads.map(\.tenant.uuid)), \(heads.map(\.place.seq))) WITH ORDINALITY AS h (tenant_id, seq, number)
            LEFT JOIN tessera.audit_log l ON l.tenant_id = h.tenant_id AND l.seq = h.seq
            LEFT JOIN tessera.audit_anchor a ON a.tenant_id = h.tenant_id
            ORDER BY h.number
            """
        ])
        return try rows[0].decode(Bytea?.self, Int64?.self, Bytea?.self).map { hash, anchor, anchorHash in
            AuditPlaceNow(hash: hash.map { AuditHash(bytes: $0.bytes) }, anchor: Self.place(anchor, anchorHash))
        }
    }

    private static func place(_ seq: Int64?, _ hash: Bytea?) -> AuditPlace? {
        guard let seq, let hash else { return nil }
        return AuditPlace(seq: seq, hash: AuditHash(bytes: hash.bytes))
    }
}
