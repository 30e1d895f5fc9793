package import Domain
import FoundationEssentials
import Postgres

/// Takes foreign tokens of one tenant at a time.
package struct TokenImportTable: TokenImportStore {
    private let database: TenantDatabase

    package init(_ database: TenantDatabase) { self.database = database }

    package func ground(of owners: [SubjectID], in tenant: TenantID) async throws -> ImportGround {
        let ids = owners.map(\.uuid)
        // By primary key, all three.
        let rows = try await database.unit(
            tenant,
            [
                "SELECT prefix, length, alphabet FROM tessera.token_prefixes WHERE tenant_id = \(tenant.uuid)",
                """
                SELECT 'user', user_id, name, role FROM tessera.memberships WHERE tenant_id = \(tenant.uuid) AND user_id = ANY(\(ids))
                UNION ALL
                SELECT 'service_account', id, name, role FROM tessera.service_accounts
                WHERE tenant_id = \(tenant.uuid) AND id = ANY(\(ids)) AND status = 'active'
                """,
            ])
        let prefix = try rows[0].decode(String.self, Int.self, String.self).first.map { ForeignPrefix(text: $0, length: $1, alphabet: $2) }
        var found: [SubjectID: ImportGround.Owner] = [:]
        for (kind, id, name, role) in try rows[1].decode(String.self, UUID.self, String.self, String.self) {
            guard let role = Role(rawValue: role) else { continue }
            found[SubjectID(stored: kind, id)] = .init(name: name, role: role)
        }
        return ImportGround(prefix: prefix, owners: found)
    }

    package func insert(_ tokens: [ImportedToken], under prefix: String, by maker: Standing, _ audit: AuditEntry) async throws -> [ImportConflict] {
        guard let tenant = tokens.first?.token.tenant else { return [] }
        let owners = Set(tokens.map(\.token.owner.id)).union([maker.id])
        let keys = Set(tokens.map(\.token.owner.id.description)).sorted()
        // One import of a tenant at a time, so that its hashes can be looked up first; then its owners' creations, each in the order of
        // their ids; then whoever decides and whoever is to own, so that nobody is removed or demoted behind the decision's back.
        let rows = try await database.unit(
            tenant,
            [
                "SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(\("token imports of " + tenant.description), 0))",
                "SELECT count(pg_advisory_xact_lock(hashtextextended(owner, 0))::text) FROM unnest(\(keys)) AS k (owner)",
                """
                SELECT 1 FROM tessera.memberships WHERE tenant_id = \(tenant.uuid) AND user_id = ANY(\(owners.map(\.uuid)))
                ORDER BY user_id FOR SHARE
                """,
                """
                SELECT 1 FROM tessera.service_accounts WHERE tenant_id = \(tenant.uuid) AND id = ANY(\(owners.map(\.uuid))) ORDER BY id FOR UPDATE
                """,
                Self.insertion(of: tokens, under: prefix, in: tenant, by: maker, audit),
            ], claiming: audit.claim)
        let found = try rows[4].decode(Bool.self, Int.self, Int?.self, String?.self)
        guard found.allSatisfy(\.0) else { throw Refusal.roleChanged }
        return found.compactMap { _, _, position, kind in
            guard let position, let kind = kind.flatMap(ImportConflict.Kind.init(rawValue:)) else { return nil }
            return ImportConflict(index: position - 1, kind: kind)
        }
    }

    /// All of the batch, or what stands against it. Names are served by api_tokens_name_key, counts by api_tokens_owner_idx, everything
    /// else by primary key.
    private static func insertion(
        of tokens: [ImportedToken], under prefix: String, in tenant: TenantID, by maker: Standing, _ audit: AuditEntry
    ) -> SQL {
        let rows = tokens.map(\.token)
        let hashes = tokens.map { Bytea($0.hash.bytes) }
        let stands: SQL = """
            (\(maker.holds(in: tenant))
                AND EXISTS (SELECT FROM tessera.token_prefixes g WHERE g.tenant_id = \(tenant.uuid) AND g.prefix = \(prefix)))
            """
        let changes: SQL = "jsonb_build_object('scopes', b.scopes, 'owner', b.owner_id, 'prefix', \(prefix)::text)"
        let keeping = audit.claim?.keeping ?? "NULL"
        let entry = audit.call(ofEach: "made.id::text", as: audit.action, "api_token", changes: changes)
        return """
            WITH batch AS MATERIALIZED (
                SELECT * FROM unnest(
                    \(rows.map(\.id.uuid)), \(hashes), \(rows.map(\.owner.id.kind)), \(rows.map(\.owner.id.uuid)), \(tokens.map(\.role.rawValue)),
                    \(rows.map(\.name)), \(rows.map(\.description)), \(rows.map { $0.breadth.scopes.map(\.description).joined(separator: " ") }),
                    \(rows.map(\.breadth.expiresAt)), \(rows.map { $0.breadth.networks.map(\.description).joined(separator: " ") }),
                    \(rows.map { ($0.breadth.rateLimit?.requests).map(Int32.init) }),
                    \(rows.map { ($0.breadth.rateLimit?.windowSeconds).map(Int32.init) }), \(rows.map { JSONB($0.metadata) })
                ) WITH ORDINALITY AS b (id, hash, owner_type, owner_id, role, name, description, scopes, expires_at, networks, requests, seconds,
                    metadata, position)
            ), live AS (
                SELECT owner_id, count(*) AS tokens FROM tessera.api_tokens
                WHERE tenant_id = \(tenant.uuid) AND owner_id = ANY(\(rows.map(\.owner.id.uuid))) AND deleted_at IS NULL AND revoked_at IS NULL
                GROUP BY owner_id
            ), conflicts AS MATERIALIZED (
                SELECT b.position, 'owner' AS kind FROM batch b
                WHERE b.owner_type = 'user' AND NOT EXISTS (SELECT FROM tessera.memberships o
                        WHERE o.tenant_id = \(tenant.uuid) AND o.user_id = b.owner_id AND o.role = b.role)
                   OR b.owner_type <> 'user' AND NOT EXISTS (SELECT FROM tessera.service_accounts o
                        WHERE o.tenant_id = \(tenant.uuid) AND o.id = b.owner_id AND o.role = b.role AND o.status = 'active')
                UNION ALL
                SELECT b.position, 'name' FROM batch b JOIN tessera.api_tokens t
                    ON t.tenant_id = \(tenant.uuid) AND t.owner_id = b.owner_id AND t.name = b.name AND t.revoked_at IS NULL
                UNION ALL
                SELECT h.position, 'hash' FROM tessera.imported_hashes(\(hashes)) AS h (position)
                UNION ALL
                SELECT n.position, 'limit' FROM (
                    SELECT b.position, row_number() OVER (PARTITION BY b.owner_id ORDER BY b.position) + coalesce(live.tokens, 0) AS number
                    FROM batch b LEFT JOIN live USING (owner_id)
                ) n WHERE n.number > \(TokenBounds.perOwner)
            ), made AS (
                INSERT INTO tessera.api_tokens (tenant_id, id, owner_type, owner_id, name, description, token_prefix, token_hash, scopes, is_active,
                    expires_at, allowed_cidrs, rate_limit_requests, rate_limit_window_seconds, created_at, created_by, updated_at, metadata)
                SELECT \(tenant.uuid), b.id, b.owner_type, b.owner_id, b.name, b.description, \(prefix), b.hash, string_to_array(b.scopes, ' '), true,
                    b.expires_at, string_to_array(b.networks, ' ')::cidr[], b.requests, b.seconds, \(audit.occurredAt), \(maker.id.uuid),
                    \(audit.occurredAt), b.metadata
                FROM batch b WHERE \(stands) AND NOT EXISTS (SELECT FROM conflicts) RETURNING id
            ), listed AS (
                INSERT INTO tessera.imported_tokens (tenant_id, hash, token_id, prefix)
                SELECT \(tenant.uuid), b.hash, b.id, \(prefix) FROM batch b WHERE \(stands) AND NOT EXISTS (SELECT FROM conflicts)
            ), audited AS MATERIALIZED (
                SELECT count(\(entry)::text) AS entries FROM made JOIN batch b USING (id)
            ), kept AS MATERIALIZED (
                SELECT count(\(keeping)::text) AS claims FROM (SELECT FROM made LIMIT 1) any_made
            )
            SELECT \(stands), audited.entries, conflicts.position, conflicts.kind FROM audited CROSS JOIN kept LEFT JOIN conflicts ON true
            ORDER BY conflicts.position
            """
    }
}
