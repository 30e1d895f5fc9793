package import Domain
package import FoundationEssentials
import Postgres

/// Answers what a credential is worth: one statement by primary keys for each question.
package struct CredentialTable: CredentialStore {
    private let database: AuthDatabase

    package init(_ database: AuthDatabase) { self.database = database }

    package func token(_ id: TokenID, of kind: TokenKind, in tenant: TenantID) async throws -> StoredToken? {
        // The token with its tenant and owner, and a person's membership: three or four look-ups by primary key.
        let owner = kind == .user ? Self.person : Self.serviceAccount
        return try await storedToken(
            """
            SELECT \(Self.tokenColumns), \(owner.columns) FROM tessera.api_tokens t JOIN tessera.tenants n ON n.id = t.tenant_id \(owner.joins)
            WHERE t.tenant_id = \(tenant.uuid) AND t.id = \(id.uuid) AND t.deleted_at IS NULL
            """, tenant)
    }

    package func importedToken(_ hash: HashedToken, under prefix: String, in tenant: TenantID) async throws -> StoredToken? {
        // The hash by primary key, while the tenant has that prefix, and the token with what belongs to it by theirs.
        try await storedToken(
            """
            SELECT \(Self.tokenColumns), \(Self.anyone.columns) FROM tessera.imported_tokens i
            JOIN tessera.token_prefixes p ON p.tenant_id = i.tenant_id AND p.prefix = i.prefix
            JOIN tessera.api_tokens t ON t.tenant_id = i.tenant_id AND t.id = i.token_id
            JOIN tessera.tenants n ON n.id = t.tenant_id \(Self.anyone.joins)
            WHERE i.tenant_id = \(tenant.uuid) AND i.hash = \(Bytea(hash.bytes)) AND i.prefix = \(prefix) AND t.deleted_at IS NULL
            """, tenant)
    }

    package func earlierSecret(_ hash: HashedToken, of token: TokenID, in tenant: TenantID) async throws -> Date? {
        // By primary key.
        try await database.query(
            """
            SELECT good_until FROM tessera.token_secrets
            WHERE tenant_id = \(tenant.uuid) AND token_id = \(token.uuid) AND hash = \(Bytea(hash.bytes))
            """
        ).decode(Date.self).first
    }

    package func introspector(_ id: IntrospectorID) async throws -> HashedToken? {
        // By primary key.
        try await database.query("SELECT hash FROM tessera.introspectors WHERE id = \(id.uuid) AND revoked_at IS NULL")
            .decode(Bytea.self).first.flatMap { HashedToken(bytes: $0.bytes) }
    }

    private static let tokenColumns: SQL = """
        t.id, t.token_hash, t.scopes, t.is_active, t.expires_at, t.allowed_cidrs, t.rate_limit_requests, t.rate_limit_window_seconds,
        t.revoked_at IS NOT NULL, t.created_at, n.token_policy,
        CASE WHEN n.token_policy ? 'idleDays' THEN (
            SELECT a.last_used_at FROM tessera.token_activity a WHERE a.tenant_id = t.tenant_id AND a.token_id = t.id
        ) END, n.slug, n.name, n.status, t.owner_id
        """

    /// Where a token's owner is found: e-mail, name, whether the e-mail is confirmed, status and role. A service account has no e-mail.
    private struct Owner {
        let columns: SQL
        let joins: SQL
    }

    private static let person = Owner(
        columns: "u.email, u.name, u.email_verified_at IS NOT NULL, u.status, m.role",
        joins: """
            JOIN tessera.users u ON u.id = t.owner_id AND t.owner_type = 'user'
            LEFT JOIN tessera.memberships m ON m.tenant_id = t.tenant_id AND m.user_id = t.owner_id
            """)

    private static let serviceAccount = Owner(
        columns: "NULL::text, s.name, false, s.status, s.role",
        joins: "JOIN tessera.service_accounts s ON s.tenant_id = t.tenant_id AND s.id = t.owner_id AND t.owner_type = 'service_account'")

    /// One of the two: a foreign token doesn't say which.
    private static let anyone = Owner(
        columns: """
            u.email, coalesce(u.name, s.name), u.email_verified_at IS NOT NULL, coalesce(u.status, s.status),
            CASE t.owner_type WHEN 'user' THEN m.role ELSE s.role END
            """,
        joins: """
            LEFT JOIN tessera.users u ON u.id = t.owner_id AND t.owner_type = 'user'
            LEFT JOIN tessera.memberships m ON m.tenant_id = t.tenant_id AND m.user_id = t.owner_id
            LEFT JOIN tessera.service_accounts s ON s.tenant_id = t.tenant_id AND s.id = t.owner_id AND t.owner_type = 'service_account'
            """)

    private func storedToken(_ selection: SQL, _ tenant: TenantID) async throws -> StoredToken? {
        guard let row = try await database.query(selection).first else { return nil }
        let (
            id, hash, scopes, isActive, expiresAt, networks, requests, window, isRevoked, createdAt, policy, lastUsedAt,
            slug, tenantName, tenantStatus, owner, email, name, isVerified, status, role
        ) = try row.decode(
            UUID.self, Bytea.self, [String].self, Bool.self, Date?.self, [InetAddress].self, Int?.self, Int?.self, Bool.self, Date.self,
            JSONB?.self, Date?.self, String.self, String.self, String.self, UUID.self, String?.self, String?.self, Bool.self, String?.self,
            String?.self)
        guard let hash = HashedToken(bytes: hash.bytes), let name, let status else { return nil }
        let person = email.map { Subject.person(.init(id: UserID(owner), email: $0, name: name, emailVerified: isVerified)) }
        return StoredToken(
            id: TokenID(id), hash: hash,
            breadth: .init(scopes: scopes, expiresAt: expiresAt, networks: networks, requests: requests, window: window),
            facts: TokenFacts(createdAt: createdAt, expiresAt: expiresAt, lastUsedAt: lastUsedAt), policy: try StoredTokenPolicy.policy(in: policy),
            isActive: isActive, isRevoked: isRevoked,
            tenant: .init(id: tenant, slug: slug, name: tenantName), tenantStatus: .init(stored: tenantStatus),
            owner: person ?? .serviceAccount(.init(id: ServiceAccountID(owner), name: name)),
            isOwnerActive: User.Status(stored: status) == .active, role: status == "deleted" ? nil : role.flatMap(Role.init))
    }

    package func session(_ id: SessionID, of user: UserID, in tenant: TenantID?) async throws -> StoredSession? {
        // The session with its person, membership and tenant: four look-ups by primary key.
        let rows = try await database.query(
            """
            SELECT s.auth_time, s.expires_at, s.revoked_at IS NOT NULL, u.email, u.name, u.email_verified_at IS NOT NULL, u.status,
                   u.is_platform_admin, n.slug, n.name, n.status, m.role
            FROM tessera.sessions s
            JOIN tessera.users u ON u.id = s.user_id
            LEFT JOIN (tessera.memberships m JOIN tessera.tenants n ON n.id = m.tenant_id) ON m.tenant_id = \(tenant?.uuid) AND m.user_id = s.user_id
            WHERE s.user_id = \(user.uuid) AND s.id = \(id.uuid)
            """)
        guard let row = rows.first else { return nil }
        let (authenticatedAt, expiresAt, isRevoked, email, name, isVerified, status, isAdmin, slug, tenantName, tenantStatus, role) =
            try row.decode(
                Date.self, Date.self, Bool.self, String.self, String.self, Bool.self, String.self, Bool.self, String?.self, String?.self,
                String?.self, String?.self)
        var membership: Membership?
        if let tenant {
            guard let slug, let tenantName, let tenantStatus, let role = role.flatMap(Role.init) else { return nil }
            membership = Membership(
                tenant: .init(id: tenant, slug: slug, name: tenantName), tenantStatus: .init(stored: tenantStatus), role: role)
        }
        return StoredSession(
            authenticatedAt: authenticatedAt, expiresAt: expiresAt, isRevoked: isRevoked,
            user: .init(id: user, email: email, name: name, emailVerified: isVerified), userStatus: .init(stored: status),
            isPlatformAdmin: isAdmin, membership: membership)
    }
}
