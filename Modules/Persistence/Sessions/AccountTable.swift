package import Domain
import FoundationEssentials
import Postgres

/// People's accounts and sessions.
package struct AccountTable: AccountStore {
    let database: AuthDatabase

    package init(_ database: AuthDatabase) { self.database = database }

    package func register(_ account: NewAccount) async throws {
        let (user, tenant, session) = (account.user, account.tenant, account.session)
        // The address of the mail belongs to no tenant, the rest to the new one; the audit entry comes last.
        _ = try await database.unit(
            in: tenant.id,
            [
                """
                INSERT INTO tessera.tenants (id, slug, name, created_at, updated_at)
                VALUES (\(tenant.id.uuid), \(tenant.slug), \(tenant.name), \(session.createdAt), \(session.createdAt))
                """,
                """
                INSERT INTO tessera.users (id, email, name, password_hash, created_at, updated_at)
                VALUES (\(user.id.uuid), \(user.email), \(user.name), \(account.passwordHash), \(session.createdAt), \(session.createdAt))
                """,
                """
                INSERT INTO tessera.memberships (tenant_id, user_id, role, name, email, joined_at, last_selected_at)
                VALUES (\(tenant.id.uuid), \(user.id.uuid), 'owner', \(user.name), \(user.email), \(session.createdAt), \(session.createdAt))
                """,
            ] + Self.inserts(session, account.refresh) + [Self.insert(account.device, at: session.createdAt), account.mail.insertion]
                + ["SELECT \(account.audit.call)"])
    }

    package func loginCandidate(
        _ email: EmailAddress, tenant: String?, device: DeviceToken?, from address: IPAddress?
    ) async throws -> LoginCandidate? {
        // The account by its unique e-mail; its memberships by their index on user_id; the device by primary key; resets by their index.
        let rows = try await database.query(
            """
            SELECT u.id, u.email, u.name, u.email_verified_at IS NOT NULL, u.status, u.password_hash, d.id IS NOT NULL,
                EXISTS (SELECT FROM tessera.one_time_secrets r WHERE r.subject_id = u.id AND r.purpose = 'password_reset'
                    AND r.used_from = \(address?.inet) AND r.used_at > now() - make_interval(secs => \(LoginCandidate.resetGrace))),
                m.tenant_id, m.slug, m.name, m.status, m.role
            FROM tessera.users u
            LEFT JOIN LATERAL (
                SELECT m.tenant_id, n.slug, n.name, n.status, m.role
                FROM tessera.memberships m JOIN tessera.tenants n ON n.id = m.tenant_id
                WHERE m.user_id = u.id AND n.status <> 'deleted'
                  AND (\(tenant)::text IS NULL OR n.slug = \(tenant) OR n.id::text = lower(\(tenant)))
                ORDER BY m.last_selected_at DESC NULLS LAST, m.joined_at LIMIT 1
            ) m ON true
            LEFT JOIN tessera.device_tokens d ON d.user_id = u.id AND d.user_id = \(device?.user.uuid) AND d.id = \(device?.id)
                AND d.hash = \(device.map { Bytea($0.hash.bytes) }) AND d.expires_at > now()
            WHERE u.email = \(email.text)
            """)
        guard let row = rows.first else { return nil }
        let (id, email, name, isVerified, status, hash, knowsDevice, hasReset, tenantID, slug, tenantName, tenantStatus, role) = try row.decode(
            UUID.self, String.self, String.self, Bool.self, String.self, String.self, Bool.self, Bool.self, UUID?.self, String?.self, String?.self,
            String?.self, String?.self)
        var membership: Membership?
        if let tenantID, let slug, let tenantName, let tenantStatus, let role = role.flatMap(Role.init) {
            membership = Membership(
                tenant: .init(id: TenantID(tenantID), slug: slug, name: tenantName), tenantStatus: .init(stored: tenantStatus), role: role)
        }
        return LoginCandidate(
            user: .init(id: UserID(id), email: email, name: name, emailVerified: isVerified), status: .init(stored: status),
            passwordHash: hash, knowsDevice: knowsDevice, hasResetFromHere: hasReset, membership: membership)
    }

    package func reserve(_ attempt: LoginAttempt) async throws -> Bool {
        // By primary key; at most four older windows of the account are looked at.
        let rows = try await database.query(
            """
            WITH earlier AS (
                SELECT count(*)::int AS used_up FROM tessera.login_attempts
                WHERE account = \(Bytea(attempt.account.bytes)) AND window_start < \(attempt.window)
                  AND window_start >= \(attempt.window.addingTimeInterval(Double(-4 * attempt.seconds)))
                  AND attempts >= allowed
            )
            INSERT INTO tessera.login_attempts AS a (account, window_start, attempts, allowed)
            SELECT \(Bytea(attempt.account.bytes)), \(attempt.window), 1, greatest(1, \(Int32(attempt.limit)) >> used_up) FROM earlier
            ON CONFLICT (account, window_start) DO UPDATE SET attempts = a.attempts + 1, allowed = excluded.allowed
            WHERE a.attempts < excluded.allowed
            RETURNING attempts
            """)
        return rows.count == 1
    }

    package func refuse(_ audit: AuditEntry) async throws { _ = try await database.query("SELECT \(audit.call)") }

    package func open(_ opening: SessionOpening) async throws -> Bool {
        let session = opening.session
        // The person is held, so that nobody changes their password or disables them before this is done; what was decided on an earlier
        // password opens nothing. Everything else hangs on the session.
        let isOpen: SQL = "EXISTS (SELECT FROM tessera.sessions WHERE user_id = \(session.user.uuid) AND id = \(session.id.uuid))"
        var isEarned: SQL = """
            EXISTS (SELECT FROM tessera.users u WHERE u.id = \(session.user.uuid) AND u.status = 'active' AND u.password_hash = \(opening.provenHash))
            """
        if let replaced = opening.replacedSession {
            isEarned = """
                \(isEarned) AND EXISTS (SELECT FROM tessera.sessions r
                    WHERE r.user_id = \(session.user.uuid) AND r.id = \(replaced.uuid) AND r.revoked_at IS NULL)
                """
        }
        // As for the change that follows: two who held the account only to read would wait for each other for ever.
        let strength: SQL = opening.rehashed == nil ? "SHARE" : "NO KEY UPDATE"
        var statements: [SQL] = ["SELECT 1 FROM tessera.users WHERE id = \(session.user.uuid) FOR \(strength)"]
        statements += Self.inserts(session, opening.refresh, if: isEarned)
        if let tenant = session.tenant {
            statements.append(
                """
                UPDATE tessera.memberships SET last_selected_at = \(session.createdAt)
                WHERE tenant_id = \(tenant.uuid) AND user_id = \(session.user.uuid) AND \(isOpen)
                """)
        }
        if let device = opening.device { statements.append(Self.insert(device, at: session.createdAt, if: isOpen)) }
        if let replaced = opening.replacedDevice {
            statements.append("DELETE FROM tessera.device_tokens WHERE user_id = \(session.user.uuid) AND id = \(replaced) AND \(isOpen)")
        }
        if let replaced = opening.replacedSession {
            statements.append("\(Self.ending(replaced, of: session.user, at: session.createdAt)) AND \(isOpen)")
        }
        if let attempt = opening.attempt {
            statements.append(
                """
                UPDATE tessera.login_attempts SET attempts = attempts - 1
                WHERE account = \(Bytea(attempt.account.bytes)) AND window_start = \(attempt.window) AND attempts > 0 AND \(isOpen)
                """)
        }
        if let (new, old) = opening.rehashed {
            statements.append(
                "UPDATE tessera.users SET password_hash = \(new) WHERE id = \(session.user.uuid) AND password_hash = \(old) AND \(isOpen)")
        }
        let rows = try await database.unit(in: session.tenant ?? .platform, statements + ["SELECT \(opening.audit.call) WHERE \(isOpen)"])
        return rows[statements.count].count == 1
    }

    package func end(_ session: SessionID, of user: UserID, _ audit: AuditEntry, in tenant: TenantID) async throws {
        _ = try await SessionTable(database).end(session, of: user, audit, in: tenant)
    }

    package func end(_ presented: RefreshToken, _ audit: AuditEntry) async throws {
        // The refresh token and its session by primary key. The audit entry goes to the log of the tenant that the session was last in.
        let rows = try await database.query(
            """
            SELECT s.last_tenant_id FROM tessera.refresh_tokens r
            JOIN tessera.sessions s ON s.user_id = r.user_id AND s.id = r.session_id AND s.revoked_at IS NULL
            WHERE r.user_id = \(presented.user.uuid) AND r.session_id = \(presented.session.uuid) AND r.id = \(presented.id.uuid)
              AND r.hash = \(Bytea(presented.hash.bytes))
            """)
        guard let row = rows.first else { return }
        let tenant = try row.decode(UUID?.self).map { TenantID($0) } ?? .platform
        try await end(presented.session, of: presented.user, audit, in: tenant)
    }

    /// By primary key; a session that has ended stays as it was.
    static func ending(_ session: SessionID, of user: UserID, at now: Date) -> SQL {
        "UPDATE tessera.sessions SET revoked_at = \(now) WHERE user_id = \(user.uuid) AND id = \(session.uuid) AND revoked_at IS NULL"
    }

    private static func insert(_ device: DeviceToken, at now: Date, if condition: SQL = "true") -> SQL {
        """
        INSERT INTO tessera.device_tokens (user_id, id, hash, created_at, expires_at)
        SELECT \(device.user.uuid), \(device.id), \(Bytea(device.hash.bytes)), \(now), \(device.expiresAt) WHERE \(condition)
        """
    }

    /// The session if `condition` holds, and its refresh token if there is the session.
    private static func inserts(_ session: Session, _ refresh: RefreshToken, if condition: SQL = "true") -> [SQL] {
        [
            """
            INSERT INTO tessera.sessions (user_id, id, last_tenant_id, created_at, last_used_at, auth_time, expires_at, ip_address, user_agent)
            SELECT \(session.user.uuid), \(session.id.uuid), \(session.tenant?.uuid), \(session.createdAt), \(session.createdAt),
                \(session.authenticatedAt), \(session.expiresAt), \(session.device.ipAddress?.inet), \(session.device.userAgent)
            WHERE \(condition)
            """,
            """
            INSERT INTO tessera.refresh_tokens (user_id, session_id, id, hash, created_at, expires_at)
            SELECT user_id, id, \(refresh.id.uuid), \(Bytea(refresh.hash.bytes)), \(session.createdAt), \(refresh.expiresAt)
            FROM tessera.sessions WHERE user_id = \(refresh.user.uuid) AND id = \(refresh.session.uuid)
            """,
        ]
    }
}
