package import Domain
package import FoundationEssentials
import Postgres

extension TokenTable {
    package func tokens(selected selection: TokenSelection, in tenant: TenantID, at now: Date) async throws -> [TokenID] {
        var condition: SQL = "t.tenant_id = \(tenant.uuid) AND t.deleted_at IS NULL AND t.revoked_at IS NULL"
        if let ids = selection.ids { condition = "\(condition) AND t.id = ANY(\(ids.map(\.uuid)))" }
        if let owner = selection.owner { condition = "\(condition) AND t.owner_id = \(owner.uuid)" }
        if let search = selection.search {
            condition = "\(condition) AND (t.name ILIKE \(search.likePattern) OR t.token_prefix ILIKE \(search.likePattern))"
        }
        if let neverExpires = selection.neverExpires { condition = "\(condition) AND (t.expires_at IS NULL) = \(neverExpires)" }
        if let time = selection.createdBefore { condition = "\(condition) AND t.created_at < \(time)" }
        if let days = selection.idleDays { condition = "\(condition) AND \(TokenRisks.isIdle(days: days, at: now))" }
        // By api_tokens_created_at_idx, or the owner's.
        return try await database.query(
            tenant, "SELECT t.id FROM tessera.api_tokens t WHERE \(condition) ORDER BY t.created_at, t.id"
        ).decode(UUID.self).map { TokenID($0) }
    }

    package func revoke(_ ids: [TokenID], in tenant: TenantID, reason: String, _ audit: AuditEntry) async throws -> [TokenID] {
        let chosen: SQL = "tenant_id = \(tenant.uuid) AND id = ANY(\(ids.map(\.uuid))) AND revoked_at IS NULL"
        let entry = audit.call(ofEach: "ended.id::text", as: audit.action, "api_token", changes: audit.changes)
        // By primary key, in its order: of two at once one waits for the other.
        let rows = try await database.unit(
            tenant,
            [
                "SELECT 1 FROM tessera.api_tokens WHERE \(chosen) ORDER BY id FOR UPDATE",
                """
                WITH ended AS (
                    UPDATE tessera.api_tokens SET revoked_at = \(audit.occurredAt), revoked_reason = \(reason),
                        updated_at = \(audit.occurredAt), version = version + 1
                    WHERE \(chosen) RETURNING id
                )
                SELECT id, \(entry)::text FROM ended
                """,
            ])
        return try rows[1].decode(UUID.self, String?.self).map { TokenID($0.0) }
    }
}
