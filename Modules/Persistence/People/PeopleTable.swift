package import Domain
import FoundationEssentials
import Postgres

/// A tenant and its members.
package struct PeopleTable: PeopleStore {
    private let database: TenantDatabase

    package init(_ database: TenantDatabase) { self.database = database }

    package func tenant(_ id: TenantID) async throws -> Tenant? {
        try await database.query(id, Self.selection(of: id)).first.map { try Self.tenant(id, $0) }
    }

    /// A tenant that isn't deleted, by primary key.
    static func selection(of id: TenantID) -> SQL {
        "SELECT slug, name, status, created_at, version FROM tessera.tenants WHERE id = \(id.uuid) AND status <> 'deleted'"
    }

    static func tenant(_ id: TenantID, _ row: Row) throws -> Tenant {
        let (slug, name, status, createdAt, version) = try row.decode(String.self, String.self, String.self, Date.self, Int.self)
        return Tenant(
            reference: .init(id: id, slug: slug, name: name), status: .init(stored: status), createdAt: createdAt, version: version)
    }

    package func members(of tenant: TenantID, _ filter: MemberFilter, _ page: PageRequest) async throws -> Page<Member> {
        var condition: SQL = "tenant_id = \(tenant.uuid)"
        if let role = filter.role { condition = "\(condition) AND role = \(role.rawValue)" }
        if let search = filter.search { condition = "\(condition) AND (name ILIKE \(search.likePattern) OR email ILIKE \(search.likePattern))" }
        var behind: SQL = ""
        if let keyset = page.keyset { behind = " AND (joined_at, user_id) > (\(keyset.time), \(keyset.id))" }
        // Both are served by memberships_joined_at_idx.
        let rows = try await database.unit(
            tenant,
            [
                """
                SELECT user_id, email, name, role, joined_at FROM tessera.memberships WHERE \(condition)\(behind)
                ORDER BY joined_at, user_id LIMIT \(page.limit + 1) OFFSET \(page.offset)
                """,
                "SELECT count(*) FROM tessera.memberships WHERE \(condition)",
            ])
        let members = try rows[0].decode(UUID.self, String.self, String.self, String.self, Date.self).compactMap { id, email, name, role, joinedAt in
            Role(rawValue: role).map { Member(user: UserID(id), email: email, name: name, role: $0, joinedAt: joinedAt) }
        }
        let total = page.keyset == nil ? try rows[1].decode(Int.self).first : nil
        return Page(fetched: members, limit: page.limit, total: total) { Keyset(time: $0.joinedAt, id: $0.user.uuid) }
    }
}

extension String {
    /// A LIKE pattern for this text anywhere in another: its own `%`, `_` and `\` mean themselves.
    var likePattern: String {
        "%" + replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_") + "%"
    }
}
