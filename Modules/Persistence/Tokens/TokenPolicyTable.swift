package import Domain
package import FoundationEssentials
import Postgres

/// The token policy of one tenant at a time.
package struct TokenPolicyTable: TokenPolicyStore {
    private let database: TenantDatabase

    package init(_ database: TenantDatabase) { self.database = database }

    package func policy(of tenant: TenantID) async throws -> TokenPolicy {
        let column = try await database.query(tenant, "SELECT token_policy FROM tessera.tenants WHERE id = \(tenant.uuid)").decode(JSONB?.self).first
        return try StoredTokenPolicy.policy(in: column ?? nil) ?? TokenPolicy()
    }

    package func setPolicy(_ policy: TokenPolicy, of tenant: TenantID, by actor: Standing, _ audit: AuditEntry) async throws {
        let column = try StoredTokenPolicy(policy).column
        // By primary key. A policy that is so already is no change.
        _ = try await actor.unit(
            database, tenant,
            [
                """
                WITH changed AS (
                    UPDATE tessera.tenants SET token_policy = \(column), updated_at = \(audit.occurredAt), version = version + 1
                    WHERE id = \(tenant.uuid) AND token_policy IS DISTINCT FROM \(column) AND \(actor.holds(in: tenant)) RETURNING id
                )
                SELECT \(audit.call) FROM changed
                """
            ])
    }

    package func liveTokens(
        in tenant: TenantID, _ page: PageRequest, at now: Date
    ) async throws -> Page<LiveToken> {
        var behind: SQL = ""
        if let keyset = page.keyset { behind = " AND (t.created_at, t.id) < (\(keyset.time), \(keyset.id))" }
        // In the order of api_tokens_created_at_idx.
        let selection: SQL = """
            FROM tessera.api_tokens t \(TokenRow.joins)
            WHERE t.tenant_id = \(tenant.uuid) AND t.deleted_at IS NULL AND t.revoked_at IS NULL
              AND (t.expires_at IS NULL OR t.expires_at > \(now)) AND coalesce(o.role, s.role) IS NOT NULL\(behind)
            ORDER BY t.created_at DESC, t.id DESC LIMIT \(page.limit + 1) OFFSET \(page.offset)
            """
        let rows = try await database.unit(
            tenant, ["SELECT \(TokenRow.columns) \(selection)", "SELECT coalesce(o.role, s.role) \(selection)"])
        let tokens = try zip(rows[0].map(TokenRow.token), rows[1].decode(String.self)).compactMap { token, role in
            Role(rawValue: role).map { LiveToken(token: token, role: $0) }
        }
        return Page(fetched: tokens, limit: page.limit, total: nil) { Keyset(time: $0.token.createdAt, id: $0.token.id.uuid) }
    }
}
