package import Domain
import FoundationEssentials
import Postgres

/// Platform administrators, as an operator makes them.
package struct AdministratorTable: AdministratorStore {
    private let database: AuthDatabase

    package init(_ database: AuthDatabase) { self.database = database }

    package func appoint(_ administrator: Administrator) async throws -> Appointment {
        let (user, audit) = (administrator.user, administrator.audit)
        // By the unique e-mail. A password hash of `!` is none: no password matches it.
        let rows = try await database.unit([
            """
            WITH appointed AS (
                INSERT INTO tessera.users AS u (id, email, name, password_hash, is_platform_admin, created_at, updated_at)
                VALUES (\(user.id.uuid), \(user.email), \(user.name), \(administrator.passwordHash ?? "!"), true, \(audit.occurredAt),
                    \(audit.occurredAt))
                ON CONFLICT (email) DO UPDATE SET is_platform_admin = true, updated_at = \(audit.occurredAt)
                WHERE u.status = 'active' AND NOT u.is_platform_admin
                RETURNING id
            ), mailed AS (
                INSERT INTO tessera.outbox (tenant_id, id, kind, recipient, subject_id, created_at, next_attempt_at)
                SELECT \(UUID.zero), \(administrator.mail.id), \(administrator.mail.kind.rawValue), \(user.email), id, \(audit.occurredAt),
                    \(audit.occurredAt)
                FROM appointed WHERE id = \(user.id.uuid) AND \(administrator.passwordHash == nil)
            )
            SELECT id, \(audit.call(ofEach: "appointed.id::text", as: audit.action, "user", changes: [:]))::text FROM appointed
            """,
            "SELECT status, email_verified_at IS NOT NULL FROM tessera.users WHERE email = \(user.email)",
        ])
        let account = try rows[1].decode(String.self, Bool.self).first
        if let appointed = try rows[0].decode(UUID.self, String?.self).first {
            return appointed.0 == user.id.uuid ? .created : .granted(emailIsConfirmed: account?.1 ?? false)
        }
        return account?.0 == "active" ? .alreadyAdministrator : .disabled
    }
}
