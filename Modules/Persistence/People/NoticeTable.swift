package import Domain
package import FoundationEssentials
import Postgres

/// What people are told.
package struct NoticeTable: NoticeStore {
    private let database: TenantDatabase

    package init(_ database: TenantDatabase) { self.database = database }

    package func notices(of person: UserID, in tenant: TenantID, onlyUnread: Bool, _ page: PageRequest) async throws -> Page<Notice> {
        // Both are served by notices_user_idx.
        let condition: SQL = """
            tenant_id = \(tenant.uuid) AND user_id = \(person.uuid)\(onlyUnread ? " AND read_at IS NULL" : "" as SQL)
            """
        var behind: SQL = ""
        if let keyset = page.keyset { behind = " AND (created_at, id) < (\(keyset.time), \(keyset.id))" }
        let rows = try await database.unit(
            tenant,
            [
                """
                SELECT id, kind, token_id, created_at, read_at, details FROM tessera.notices WHERE \(condition)\(behind)
                ORDER BY created_at DESC, id DESC LIMIT \(page.limit + 1) OFFSET \(page.offset)
                """,
                "SELECT count(*) FROM tessera.notices WHERE \(condition)",
            ])
        let notices = try rows[0].decode(UUID.self, String.self, UUID.self, Date.self, Date?.self, JSONB.self).map {
            id, kind, token, createdAt, readAt, details in
            Notice(id: .init(id), kind: kind, token: TokenID(token), createdAt: createdAt, readAt: readAt, details: details.texts)
        }
        let total = page.keyset == nil ? try rows[1].decode(Int.self).first : nil
        return Page(fetched: notices, limit: page.limit, total: total) { Keyset(time: $0.createdAt, id: $0.id.uuid) }
    }

    package func markRead(_ id: Notice.ID, of person: UserID, in tenant: TenantID, at time: Date) async throws -> Bool {
        // By primary key.
        try await !database.query(
            tenant,
            """
            UPDATE tessera.notices SET read_at = coalesce(read_at, \(time))
            WHERE tenant_id = \(tenant.uuid) AND id = \(id.uuid) AND user_id = \(person.uuid) RETURNING 1
            """
        ).isEmpty
    }
}

extension JSONB {
    /// An object of texts; empty if it isn't one.
    var texts: [String: String] { (try? Self.decoder.decode([String: String].self, from: Data(bytes))) ?? [:] }

    private static let decoder = JSONDecoder()
}
