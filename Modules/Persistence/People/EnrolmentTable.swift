package import Domain
package import FoundationEssentials
import Postgres

/// How people come into tenants.
package struct EnrolmentTable: EnrolmentStore {
    private let database: AuthDatabase

    package init(_ database: AuthDatabase) { self.database = database }

    package func invitation(by secret: OneTimeSecret, at now: Date) async throws -> MailedInvitation? {
        // Secret, invitation and tenant by primary key, the account by its unique e-mail.
        let rows = try await database.query(
            """
            SELECT n.id, n.slug, n.name, i.email, i.role, u.id, u.name, u.email_verified_at IS NOT NULL, u.status, u.password_hash
            FROM tessera.one_time_secrets s
            JOIN tessera.invitations i ON i.tenant_id = s.realm_id AND i.id = s.subject_id AND \(Self.isOpen(now))
            JOIN tessera.tenants n ON n.id = i.tenant_id AND n.status = 'active'
            LEFT JOIN tessera.users u ON u.email = i.email
            WHERE \(secret.isGood(at: now, in: "s"))
            """)
        guard let row = rows.first else { return nil }
        let (tenant, slug, name, email, role, user, userName, isVerified, status, hash) = try row.decode(
            UUID.self, String.self, String.self, String.self, String.self, UUID?.self, String?.self, Bool?.self, String?.self, String?.self)
        guard let role = Role(rawValue: role) else { return nil }
        var account: Invitee?
        if let user, let userName, let isVerified, let status, let hash {
            account = Invitee(
                user: .init(id: UserID(user), email: email, name: userName, emailVerified: isVerified), status: .init(stored: status),
                passwordHash: hash)
        }
        return MailedInvitation(tenant: .init(id: TenantID(tenant), slug: slug, name: name), email: email, role: role, account: account)
    }

    package func accept(_ acceptance: Acceptance) async throws -> Bool {
        let (user, session, refresh, device) = (acceptance.user, acceptance.session, acceptance.refresh, acceptance.device)
        let now = session.createdAt
        // One statement: of two at once, one uses the secret up and all of this happens, or nothing does. The person and the tenant are
        // held before, so that neither goes away meanwhile; the person as for the change that may follow, since two who held them only to
        // read would wait for each other for ever.
        let rows = try await database.unit(
            in: acceptance.tenant,
            [
                "SELECT 1 FROM tessera.users WHERE id = \(user.id.uuid) FOR NO KEY UPDATE",
                """
                WITH used AS (
                    UPDATE tessera.one_time_secrets SET used_at = \(now) WHERE \(acceptance.secret.isGood(at: now))
                    RETURNING subject_id, realm_id
                ), accepted AS (
                    UPDATE tessera.invitations i SET accepted_at = \(now) FROM used
                    WHERE i.tenant_id = used.realm_id AND i.tenant_id = \(acceptance.tenant.uuid) AND i.id = used.subject_id
                      AND i.email = \(user.email) AND \(Self.isOpen(now)) AND \(Self.isStill(acceptance))
                      AND EXISTS (SELECT FROM tessera.tenants n WHERE n.id = i.tenant_id AND n.status = 'active')
                    RETURNING i.tenant_id, i.email, i.role
                ), person AS (
                    INSERT INTO tessera.users (id, email, email_verified_at, name, password_hash, created_at, updated_at)
                    SELECT \(user.id.uuid), email, \(now), \(user.name), \(acceptance.newPasswordHash), \(now), \(now) FROM accepted
                    WHERE \(acceptance.newPasswordHash)::text IS NOT NULL
                ), confirmed AS (
                    UPDATE tessera.users u SET email_verified_at = \(now) FROM accepted
                    WHERE u.id = \(user.id.uuid) AND u.email = accepted.email AND u.email_verified_at IS NULL
                ), joined AS (
                    INSERT INTO tessera.memberships (tenant_id, user_id, role, name, email, joined_at, last_selected_at)
                    SELECT tenant_id, \(user.id.uuid), role, \(user.name), email, \(now), \(now) FROM accepted
                    RETURNING tenant_id
                ), opened AS (
                    INSERT INTO tessera.sessions
                        (user_id, id, last_tenant_id, created_at, last_used_at, auth_time, expires_at, ip_address, user_agent)
                    SELECT \(user.id.uuid), \(session.id.uuid), tenant_id, \(now), \(now), \(session.authenticatedAt), \(session.expiresAt),
                        \(session.device.ipAddress?.inet), \(session.device.userAgent) FROM joined
                ), renewable AS (
                    INSERT INTO tessera.refresh_tokens (user_id, session_id, id, hash, created_at, expires_at)
                    SELECT \(user.id.uuid), \(session.id.uuid), \(refresh.id.uuid), \(Bytea(refresh.hash.bytes)), \(now), \(refresh.expiresAt)
                    FROM joined
                ), known AS (
                    INSERT INTO tessera.device_tokens (user_id, id, hash, created_at, expires_at)
                    SELECT \(user.id.uuid), \(device.id), \(Bytea(device.hash.bytes)), \(now), \(device.expiresAt) FROM joined
                ), given_back AS (
                    UPDATE tessera.login_attempts SET attempts = attempts - 1
                    WHERE account = \(acceptance.attempt.map { Bytea($0.account.bytes) }) AND window_start = \(acceptance.attempt?.window)
                      AND attempts > 0 AND EXISTS (SELECT FROM joined)
                )
                SELECT \(acceptance.audit.call) FROM joined
                """,
            ])
        return rows[1].count == 1
    }

    package func create(_ tenant: Tenant.Reference, owner: User.Profile, _ audit: AuditEntry) async throws -> Bool {
        let now = audit.occurredAt
        let isThere: SQL = "EXISTS (SELECT FROM tessera.users WHERE id = \(owner.id.uuid) AND status = 'active')"
        let rows = try await database.unit(
            in: tenant.id,
            [
                "SELECT 1 FROM tessera.users WHERE id = \(owner.id.uuid) FOR SHARE",
                """
                INSERT INTO tessera.tenants (id, slug, name, created_at, updated_at)
                SELECT \(tenant.id.uuid), \(tenant.slug), \(tenant.name), \(now), \(now) WHERE \(isThere)
                """,
                """
                INSERT INTO tessera.memberships (tenant_id, user_id, role, name, email, joined_at)
                SELECT \(tenant.id.uuid), \(owner.id.uuid), 'owner', \(owner.name), \(owner.email), \(now) WHERE \(isThere)
                """,
                "SELECT \(audit.call) WHERE \(isThere)",
            ], claiming: audit.claim)
        return rows[3].count == 1
    }

    package func tenants(of user: UserID, _ page: PageRequest) async throws -> Page<TenantMembership> {
        // By memberships_user_id_idx.
        let from: SQL = """
            FROM tessera.memberships m JOIN tessera.tenants n ON n.id = m.tenant_id AND n.status <> 'deleted' WHERE m.user_id = \(user.uuid)
            """
        var behind: SQL = ""
        if let keyset = page.keyset { behind = " AND (m.joined_at, m.tenant_id) > (\(keyset.time), \(keyset.id))" }
        let rows = try await database.unit([
            """
            SELECT n.id, n.slug, n.name, n.status, m.role, m.joined_at \(from)\(behind)
            ORDER BY m.joined_at, m.tenant_id LIMIT \(page.limit + 1) OFFSET \(page.offset)
            """,
            "SELECT count(*) \(from)",
        ])
        let memberships = try rows[0].decode(UUID.self, String.self, String.self, String.self, String.self, Date.self).compactMap {
            id, slug, name, status, role, joinedAt in
            Role(rawValue: role).map {
                TenantMembership(tenant: .init(id: TenantID(id), slug: slug, name: name), status: .init(stored: status), role: $0, joinedAt: joinedAt)
            }
        }
        let total = page.keyset == nil ? try rows[1].decode(Int.self).first : nil
        return Page(fetched: memberships, limit: page.limit, total: total) { Keyset(time: $0.joinedAt, id: $0.tenant.id.uuid) }
    }

    /// What showed that the account is the person's still does.
    private static func isStill(_ acceptance: Acceptance) -> SQL {
        let user = acceptance.user.id.uuid
        switch acceptance.proof {
        case nil: return "true"
        case .password(let hash):
            return "EXISTS (SELECT FROM tessera.users u WHERE u.id = \(user) AND u.status = 'active' AND u.password_hash = \(hash))"
        case .session(let session):
            return """
                EXISTS (SELECT FROM tessera.sessions s JOIN tessera.users u ON u.id = s.user_id AND u.status = 'active'
                        WHERE s.user_id = \(user) AND s.id = \(session.uuid) AND s.revoked_at IS NULL)
                """
        }
    }

    private static func isOpen(_ now: Date) -> SQL {
        "i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > \(now)"
    }
}
