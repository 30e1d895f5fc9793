package import Domain
package import FoundationEssentials
import Postgres

/// People's own accounts.
package struct ProfileTable: ProfileStore {
    private let database: AuthDatabase

    package init(_ database: AuthDatabase) { self.database = database }

    package func passwordHash(of user: UserID) async throws -> String? {
        try await database.query("SELECT password_hash FROM tessera.users WHERE id = \(user.uuid) AND status = 'active'")
            .decode(String.self).first
    }

    package func change(_ user: UserID, _ change: ProfileChange) async throws -> User.Profile? {
        // Whoever proved a password that is no longer theirs changes nothing, nor does who is gone.
        let isStill: SQL = """
            id = \(user.uuid) AND status = 'active' AND (\(change.provenHash)::text IS NULL OR password_hash = \(change.provenHash))
            """
        let stands: SQL = "EXISTS (SELECT FROM tessera.users WHERE \(isStill))"
        var statements: [SQL] = [
            """
            UPDATE tessera.users SET name = coalesce(\(change.name), name), updated_at = \(change.at),
                pending_email = CASE WHEN \(change.clearsPendingEmail) THEN NULL ELSE coalesce(\(change.pendingEmail?.text), pending_email) END
            WHERE \(isStill)
            RETURNING email, name, email_verified_at IS NOT NULL
            """
        ]
        // In every tenant: by memberships_user_id_idx.
        if let name = change.name { statements.append("UPDATE tessera.memberships SET name = \(name) WHERE user_id = \(user.uuid) AND \(stands)") }
        statements += change.mails.map { $0.insertion(where: stands) }
        statements += change.audits.map { "SELECT \($0.call) WHERE \(stands)" }
        let rows = try await database.unit(in: change.tenant, statements)
        return try rows[0].decode(String.self, String.self, Bool.self).first.map { email, name, isVerified in
            User.Profile(id: user, email: email, name: name, emailVerified: isVerified)
        }
    }

    package func setPassword(of user: UserID, _ change: PasswordChange, keeping kept: SessionID) async throws -> Bool {
        let isChanged: SQL = "EXISTS (SELECT FROM tessera.users WHERE id = \(user.uuid) AND password_hash = \(change.hash))"
        let rows = try await database.unit(
            in: change.tenant,
            [
                """
                WITH changed AS (
                    UPDATE tessera.users SET password_hash = \(change.hash), pending_email = NULL, updated_at = \(change.at)
                    WHERE id = \(user.uuid) AND status = 'active' AND password_hash = \(change.provenHash) RETURNING id, email
                ), used AS (\(Self.usingUpSecrets(of: "changed", at: change.at))
                ), ended AS (
                    UPDATE tessera.sessions s SET revoked_at = \(change.at) FROM changed
                    WHERE s.user_id = changed.id AND s.id <> \(kept.uuid) AND s.revoked_at IS NULL
                ), forgotten AS (
                    DELETE FROM tessera.device_tokens d USING changed WHERE d.user_id = changed.id
                )
                SELECT id FROM changed
                """,
                change.mail.insertion(where: isChanged),
                // Tokens before audit logs: nobody who changes one of them waits for a log that is held here.
                """
                SELECT tessera.tokens_revoke_of_user(\(user.uuid), 'password_changed', \(change.at), 'user', \(user.uuid),
                    \(change.audit.origin.ipAddress?.inet), \(change.audit.origin.requestID))
                WHERE \(change.revokesTokens) AND \(isChanged)
                """,
                "SELECT \(change.audit.call) WHERE \(isChanged)",
            ])
        return rows[0].count == 1
    }

    /// Uses up what was mailed to a person of the CTE `changed` and could undo a new password: resets, and confirmations of another address.
    static func usingUpSecrets(of changed: SQL, at now: Date) -> SQL {
        """
        UPDATE tessera.one_time_secrets o SET used_at = \(now) FROM \(changed) c
        WHERE o.subject_id = c.id AND o.used_at IS NULL
          AND (o.purpose = 'password_reset' OR o.purpose = 'email_confirmation' AND o.email <> c.email)
        """
    }

    package func delete(_ user: UserID, from origin: Origin, at now: Date) async throws {
        let orphan = try await database.query(
            "SELECT tessera.user_delete(\(user.uuid), \(now), \(origin.ipAddress?.inet), \(origin.requestID))"
        ).decode(String?.self).first
        if case .some(.some(let slug)) = orphan {
            if slug.isEmpty { throw Refusal.lastPlatformAdmin }
            throw Refusal(.lastOwner, "You are the last owner of \(slug): make another member its owner, or delete it, first.")
        }
    }

    package func export(_ user: UserID, at now: Date) async throws -> PersonalData? {
        // The person by primary key, memberships by memberships_user_id_idx, sessions by their key's first column.
        let rows = try await database.unit([
            "SELECT email, name, email_verified_at IS NOT NULL, created_at, pending_email FROM tessera.users WHERE id = \(user.uuid)",
            """
            SELECT n.id, n.slug, n.name, m.role, m.joined_at FROM tessera.memberships m JOIN tessera.tenants n ON n.id = m.tenant_id
            WHERE m.user_id = \(user.uuid) AND n.status <> 'deleted' ORDER BY m.joined_at
            """,
            """
            SELECT id, created_at, last_used_at, ip_address, user_agent FROM tessera.sessions
            WHERE user_id = \(user.uuid) AND revoked_at IS NULL AND expires_at > \(now) ORDER BY created_at
            """,
        ])
        guard
            let (email, name, isVerified, createdAt, pending) = try rows[0].decode(
                String.self, String.self, Bool.self, Date.self, String?.self
            ).first
        else { return nil }
        let memberships = try rows[1].decode(UUID.self, String.self, String.self, String.self, Date.self).compactMap {
            id, slug, name, role, joinedAt in
            Role(rawValue: role).map { (tenant: Tenant.Reference(id: TenantID(id), slug: slug, name: name), role: $0, joinedAt: joinedAt) }
        }
        return PersonalData(
            profile: .init(id: user, email: email, name: name, emailVerified: isVerified), createdAt: createdAt, pendingEmail: pending,
            memberships: memberships, sessions: try rows[2].map(SessionTable.summary))
    }
}
