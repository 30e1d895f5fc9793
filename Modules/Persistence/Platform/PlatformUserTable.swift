package import Domain
import FoundationEssentials
import Postgres

/// All people, as `tessera_admin` may see and change them.
package struct PlatformUserTable: PlatformUserStore {
    private let database: AdminDatabase

    package init(_ database: AdminDatabase) { self.database = database }

    package func users(_ filter: PlatformUserFilter, _ page: PageRequest) async throws -> Page<PlatformUser> {
        var condition: SQL = "deleted_at IS NULL"
        if let search = filter.search { condition = "\(condition) AND (name ILIKE \(search.likePattern) OR email ILIKE \(search.likePattern))" }
        if let status = filter.status { condition = "\(condition) AND status = \(status.rawValue)" }
        if let isPlatformAdmin = filter.isPlatformAdmin { condition = "\(condition) AND is_platform_admin = \(isPlatformAdmin)" }
        var behind: SQL = ""
        if let keyset = page.keyset { behind = " AND (created_at, id) < (\(keyset.time), \(keyset.id))" }
        // In the order of users_created_at_idx.
        let rows = try await database.unit([
            """
            SELECT \(Self.columns) FROM tessera.users WHERE \(condition)\(behind)
            ORDER BY created_at DESC, id DESC LIMIT \(page.limit + 1) OFFSET \(page.offset)
            """,
            "SELECT count(*) FROM tessera.users WHERE \(condition)",
        ])
        let total = page.keyset == nil ? try rows[1].decode(Int.self).first : nil
        return Page(fetched: try rows[0].map(Self.user), limit: page.limit, total: total) { Keyset(time: $0.createdAt, id: $0.profile.id.uuid) }
    }

    package func setStatus(of user: UserID, to status: User.Status, _ audit: AuditEntry) async throws -> PlatformUser? {
        let rows = try await database.unit([
            Self.lock(user),
            """
            WITH changed AS (
                UPDATE tessera.users SET status = \(status.rawValue), updated_at = \(audit.occurredAt)
                WHERE id = \(user.uuid) AND deleted_at IS NULL AND status <> \(status.rawValue) AND (\(status == .active) OR \(Self.adminsStay(without: user)))
                RETURNING id
            ), ended AS (
                UPDATE tessera.sessions s SET revoked_at = \(audit.occurredAt) FROM changed
                WHERE s.user_id = changed.id AND s.revoked_at IS NULL AND \(status == .disabled)
            )
            SELECT \(audit.call) FROM changed
            """,
            Self.selection(of: user),
        ])
        guard let found = try rows[2].first.map(Self.user) else { return nil }
        if found.status != status { throw Refusal.lastPlatformAdmin }
        return found
    }

    package func setPlatformAdmin(_ user: UserID, to isPlatformAdmin: Bool, _ audit: AuditEntry) async throws -> PlatformUser? {
        let rows = try await database.unit([
            Self.lock(user),
            """
            WITH changed AS (
                UPDATE tessera.users SET is_platform_admin = \(isPlatformAdmin), updated_at = \(audit.occurredAt)
                WHERE id = \(user.uuid) AND deleted_at IS NULL AND is_platform_admin <> \(isPlatformAdmin) AND (\(isPlatformAdmin) OR \(Self.adminsStay(without: user)))
                RETURNING id
            )
            SELECT \(audit.call) FROM changed
            """,
            Self.selection(of: user),
        ])
        guard let found = try rows[2].first.map(Self.user) else { return nil }
        if found.isPlatformAdmin != isPlatformAdmin { throw Refusal.lastPlatformAdmin }
        return found
    }

    // MARK: Pieces

    private static let columns: SQL = "id, email, name, email_verified_at IS NOT NULL, status, is_platform_admin, created_at"

    private static func selection(of user: UserID) -> SQL { "SELECT \(columns) FROM tessera.users WHERE id = \(user.uuid) AND deleted_at IS NULL" }

    /// Locks the person and every administrator, by users_platform_admin_idx: of two that take the right from each other, one waits.
    private static func lock(_ user: UserID) -> SQL {
        "SELECT 1 FROM tessera.users WHERE id = \(user.uuid) OR is_platform_admin ORDER BY id FOR UPDATE"
    }

    /// Whether an active administrator is left when this one no longer is.
    private static func adminsStay(without user: UserID) -> SQL {
        """
        (NOT is_platform_admin
            OR EXISTS (SELECT FROM tessera.users o WHERE o.is_platform_admin AND o.status = 'active' AND o.id <> \(user.uuid)))
        """
    }

    private static func user(_ row: Row) throws -> PlatformUser {
        let (id, email, name, isVerified, status, isPlatformAdmin, createdAt) = try row.decode(
            UUID.self, String.self, String.self, Bool.self, String.self, Bool.self, Date.self)
        return PlatformUser(
            profile: .init(id: UserID(id), email: email, name: name, emailVerified: isVerified), status: .init(stored: status),
            isPlatformAdmin: isPlatformAdmin, createdAt: createdAt)
    }
}
