package import Domain
package import FoundationEssentials
import Postgres

/// People's accounts and sessions.
package struct AccountTable: AccountStore {
    let database: AuthDatabase

    package init(_ database: AuthDatabase) { self.database = database }

    package func register(_ account: NewAccount) async throws {
        let (user, tenant, session) = (account.user, account.tenant, account.session)
        _ = try await database.unit(
            creating: tenant.id,
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
            ] + Self.inserts(session, account.refresh))
    }

    package func loginCandidate(_ email: EmailAddress, tenant: String?) async throws -> LoginCandidate? {
        // The account by its unique e-mail; its memberships by their index on user_id.
        let rows = try await database.query(
            """
            SELECT u.id, u.email, u.name, u.email_verified_at IS NOT NULL, u.status, u.password_hash, m.tenant_id, m.slug, m.name, m.status, m.role
            FROM tessera.users u
            LEFT JOIN LATERAL (
                SELECT m.tenant_id, n.slug, n.name, n.status, m.role
                FROM tessera.memberships m JOIN tessera.tenants n ON n.id = m.tenant_id
                WHERE m.user_id = u.id AND n.status <> 'deleted'
                  AND (\(tenant)::text IS NULL OR n.slug = \(tenant) OR n.id::text = lower(\(tenant)))
                ORDER BY m.last_selected_at DESC NULLS LAST, m.joined_at LIMIT 1
            ) m ON true
            WHERE u.email = \(email.text)
            """)
        guard let row = rows.first else { return nil }
        let (id, email, name, isVerified, status, hash, tenantID, slug, tenantName, tenantStatus, role) = try row.decode(
            UUID.self, String.self, String.self, Bool.self, String.self, String.self, UUID?.self, String?.self, String?.self, String?.self,
            String?.self)
        var membership: Membership?
        if let tenantID, let slug, let tenantName, let tenantStatus, let role = role.flatMap(Role.init) {
            membership = Membership(
                tenant: .init(id: TenantID(tenantID), slug: slug, name: tenantName), tenantStatus: .init(stored: tenantStatus), role: role)
        }
        return LoginCandidate(
            user: .init(id: UserID(id), email: email, name: name, emailVerified: isVerified), status: .init(stored: status),
            passwordHash: hash, membership: membership)
    }

    package func open(_ session: Session, _ refresh: RefreshToken) async throws {
        _ = try await database.unit(
            Self.inserts(session, refresh) + [
                """
                UPDATE tessera.memberships SET last_selected_at = \(session.createdAt)
                WHERE tenant_id = \(session.tenant.uuid) AND user_id = \(session.user.uuid)
                """
            ])
    }

    package func end(_ session: SessionID, of user: UserID, at now: Date) async throws {
        _ = try await database.query(
            """
            UPDATE tessera.sessions SET revoked_at = \(now)
            WHERE user_id = \(user.uuid) AND id = \(session.uuid) AND revoked_at IS NULL
            """)
    }

    private static func inserts(_ session: Session, _ refresh: RefreshToken) -> [SQL] {
        [
            """
            INSERT INTO tessera.sessions (user_id, id, last_tenant_id, created_at, last_used_at, auth_time, expires_at, ip_address, user_agent)
            VALUES (\(session.user.uuid), \(session.id.uuid), \(session.tenant.uuid), \(session.createdAt), \(session.createdAt),
                    \(session.authenticatedAt), \(session.expiresAt), \(session.device.ipAddress?.inet), \(session.device.userAgent))
            """,
            """
            INSERT INTO tessera.refresh_tokens (user_id, session_id, id, hash, created_at, expires_at)
            VALUES (\(refresh.user.uuid), \(refresh.session.uuid), \(refresh.id.uuid), \(Bytea(refresh.hash.bytes)), \(session.createdAt),
                    \(refresh.expiresAt))
            """,
        ]
    }
}
