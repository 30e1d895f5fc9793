package import Domain
package import FoundationEssentials
import Postgres

/// A person's sessions, as they see them.
package struct SessionTable: SessionStore {
    private let database: AuthDatabase

    package init(_ database: AuthDatabase) { self.database = database }

    package func sessions(of user: UserID, _ page: PageRequest, at now: Date) async throws -> Page<SessionSummary> {
        // Live: neither ended nor expired, and with a refresh token that may still be traded. By the primary keys' first column.
        let condition: SQL = """
            s.user_id = \(user.uuid) AND s.revoked_at IS NULL AND s.expires_at > \(now)
            AND s.last_used_at > \(now.addingTimeInterval(-Session.idleLifetime))
            """
        var behind: SQL = ""
        if let keyset = page.keyset { behind = " AND (s.created_at, s.id) < (\(keyset.time), \(keyset.id))" }
        let rows = try await database.unit([
            """
            SELECT s.id, s.created_at, s.last_used_at, s.ip_address, s.user_agent FROM tessera.sessions s WHERE \(condition)\(behind)
            ORDER BY s.created_at DESC, s.id DESC LIMIT \(page.limit + 1) OFFSET \(page.offset)
            """,
            "SELECT count(*) FROM tessera.sessions s WHERE \(condition)",
        ])
        let total = page.keyset == nil ? try rows[1].decode(Int.self).first : nil
        return Page(fetched: try rows[0].map(Self.summary), limit: page.limit, total: total) { Keyset(time: $0.createdAt, id: $0.id.uuid) }
    }

    package func end(_ session: SessionID, of user: UserID, _ audit: AuditEntry, in tenant: TenantID) async throws -> Bool {
        let rows = try await database.unit(
            in: tenant,
            ["WITH ended AS (\(AccountTable.ending(session, of: user, at: audit.occurredAt)) RETURNING id) SELECT \(audit.call) FROM ended"])
        return rows[0].count == 1
    }

    package func endOthers(than kept: SessionID, of user: UserID, _ audit: AuditEntry, in tenant: TenantID) async throws {
        // One entry for all of them.
        _ = try await database.unit(
            in: tenant,
            [
                """
                WITH ended AS (
                    UPDATE tessera.sessions SET revoked_at = \(audit.occurredAt)
                    WHERE user_id = \(user.uuid) AND id <> \(kept.uuid) AND revoked_at IS NULL RETURNING id
                )
                SELECT \(audit.call) WHERE EXISTS (SELECT FROM ended)
                """
            ])
    }

    static func summary(_ row: Row) throws -> SessionSummary {
        let (id, createdAt, lastUsedAt, address, userAgent) = try row.decode(
            UUID.self, Date.self, Date.self, InetAddress?.self, String?.self)
        return SessionSummary(
            id: SessionID(id), createdAt: createdAt, lastUsedAt: lastUsedAt, device: .init(ipAddress: IPAddress(address), userAgent: userAgent))
    }
}
