package import Domain
import FoundationEssentials
import Postgres

/// A token's history: its audit entries, an exposure among them, and what its usage showed.
package struct TokenHistoryTable: TokenHistoryStore {
    private let database: TenantDatabase

    package init(_ database: TenantDatabase) { self.database = database }

    package func events(of token: TokenID, in tenant: TenantID, _ page: PageRequest) async throws -> TokenHistoryPage {
        // Served by audit_log_target_idx and the primary key of token_events.
        let history: SQL = """
            SELECT id, action AS kind, occurred_at, actor_type, actor_id, ip_address, changes FROM tessera.audit_log
            WHERE tenant_id = \(tenant.uuid) AND target_type = 'api_token' AND target_id = \(token.description)
            UNION ALL
            SELECT id, 'token.' || kind, occurred_at, NULL, NULL, ip_address, '{}' FROM tessera.token_events
            WHERE tenant_id = \(tenant.uuid) AND token_id = \(token.uuid) AND kind <> 'exposed'
            """
        var behind: SQL = ""
        if let keyset = page.keyset { behind = " WHERE (occurred_at, id) < (\(keyset.time), \(keyset.id))" }
        let rows = try await database.unit(
            tenant,
            [
                "SELECT owner_type, owner_id FROM tessera.api_tokens WHERE tenant_id = \(tenant.uuid) AND id = \(token.uuid)",
                """
                SELECT id, kind, occurred_at, actor_type, actor_id, ip_address, changes FROM (\(history)) h\(behind)
                ORDER BY occurred_at DESC, id DESC LIMIT \(page.limit + 1) OFFSET \(page.offset)
                """,
                "SELECT count(*) FROM (\(history)) h",
            ])
        let total = page.keyset == nil ? try rows[2].decode(Int.self).first : nil
        return TokenHistoryPage(
            owner: try rows[0].decode(String.self, UUID.self).first.map { SubjectID(stored: $0, $1) },
            page: Page(fetched: try rows[1].map(Self.event), limit: page.limit, total: total) { Keyset(time: $0.occurredAt, id: $0.id) })
    }

    private static func event(_ row: Row) throws -> TokenEvent {
        let (id, kind, occurredAt, actorKind, actor, address, changes) = try row.decode(
            UUID.self, String.self, Date.self, String?.self, UUID?.self, InetAddress?.self, JSONB.self)
        return TokenEvent(
            id: id, kind: kind, occurredAt: occurredAt, actor: actorKind.map { .init(kind: $0, id: actor) }, ipAddress: IPAddress(address),
            changes: (try? decoder.decode([String: String?].self, from: Data(changes.bytes))) ?? [:])
    }

    private static let decoder = JSONDecoder()
}
