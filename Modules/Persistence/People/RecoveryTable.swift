package import Domain
package import FoundationEssentials
import Postgres

/// Resets and confirmations by mailed secrets.
package struct RecoveryTable: RecoveryStore {
    private let database: AuthDatabase

    package init(_ database: AuthDatabase) { self.database = database }

    package func requestReset(_ mail: OutgoingMail, _ audit: AuditEntry) async throws {
        _ = try await database.unit([mail.insertion, "SELECT \(audit.call)"])
    }

    package func holder(of secret: OneTimeSecret, at now: Date) async throws -> UserID? {
        try await database.query("SELECT subject_id FROM tessera.one_time_secrets WHERE \(secret.isGood(at: now))").decode(UUID.self).first
            .map { UserID($0) }
    }

    package func resetPassword(
        _ secret: OneTimeSecret, hash: String, revokesTokens: Bool, from origin: Origin, at now: Date
    ) async throws -> Bool {
        // One statement: of many at once, one uses the secret up. The other secrets of the person for the same end with it.
        let rows = try await database.query(
            """
            WITH used AS (
                UPDATE tessera.one_time_secrets SET used_at = \(now), used_from = \(origin.ipAddress?.inet)
                WHERE \(secret.isGood(at: now)) RETURNING id, subject_id, email
            ), others AS (
                UPDATE tessera.one_time_secrets o SET used_at = \(now) FROM used
                WHERE o.subject_id = used.subject_id AND o.id <> used.id AND o.used_at IS NULL
                  AND (o.purpose = 'password_reset' OR o.purpose = 'email_confirmation' AND o.email <> used.email)
            ), changed AS (
                UPDATE tessera.users u SET password_hash = \(hash), pending_email = NULL, updated_at = \(now),
                    email_verified_at = coalesce(u.email_verified_at, \(now))
                FROM used WHERE u.id = used.subject_id AND u.status = 'active' AND u.email = used.email RETURNING u.id, u.email
            ), ended AS (
                UPDATE tessera.sessions s SET revoked_at = \(now) FROM changed WHERE s.user_id = changed.id AND s.revoked_at IS NULL
            ), forgotten AS (
                DELETE FROM tessera.device_tokens d USING changed WHERE d.user_id = changed.id
            ), told AS (
                INSERT INTO tessera.outbox (tenant_id, id, kind, recipient, subject_id, created_at, next_attempt_at)
                SELECT \(UUID.zero), \(UUID.v7(at: now)), 'password_changed', email, id, \(now), \(now) FROM changed
            )
            SELECT CASE WHEN \(revokesTokens) THEN tessera.tokens_revoke_of_user(id, 'password_reset', \(now), 'anonymous', NULL,
                       \(origin.ipAddress?.inet), \(origin.requestID)) END,
                   tessera.audit_append(\(UUID.v7(at: now)), \(now), 'anonymous', NULL, \(AuditAction.passwordReset.rawValue), 'user', id::text,
                       \(origin.ipAddress?.inet), \(origin.requestID), '{}')
            FROM changed
            """)
        return rows.count == 1
    }

    package func confirmEmail(_ secret: OneTimeSecret, from origin: Origin, at now: Date) async throws -> Bool {
        let rows = try await database.query(
            """
            WITH used AS (
                UPDATE tessera.one_time_secrets SET used_at = \(now) WHERE \(secret.isGood(at: now)) RETURNING subject_id, email
            ), changed AS (
                UPDATE tessera.users u SET email = used.email, email_verified_at = \(now), updated_at = \(now),
                    pending_email = CASE WHEN u.pending_email = used.email THEN NULL ELSE u.pending_email END
                FROM used
                WHERE u.id = used.subject_id AND u.status = 'active' AND (u.pending_email = used.email OR u.email = used.email)
                RETURNING u.id, u.email
            ), copied AS (
                UPDATE tessera.memberships m SET email = changed.email FROM changed WHERE m.user_id = changed.id
            )
            SELECT tessera.audit_append(\(UUID.v7(at: now)), \(now), 'user', id, \(AuditAction.emailConfirmed.rawValue), 'user', id::text,
                \(origin.ipAddress?.inet), \(origin.requestID), '{}')
            FROM changed
            """)
        return rows.count == 1
    }
}
