package import Domain
package import FoundationEssentials
import Postgres

/// Answers what a credential is worth: one statement by primary keys for each question.
package struct CredentialTable: CredentialStore {
    private let database: AuthDatabase

    package init(_ database: AuthDatabase) { self.database = database }

    package func token(_ id: TokenID, of kind: TokenKind, in tenant: TenantID) async throws -> StoredToken? {
        try await storedToken(Self.token(id, kind, tenant), tenant)
    }

    package func importedToken(_ hash: HashedToken, under prefix: String, in tenant: TenantID) async throws -> StoredToken? {
        try await storedToken(Self.importedToken(hash, prefix, tenant), tenant)
    }

    package func earlierSecret(_ hash: HashedToken, of token: TokenID, in tenant: TenantID) async throws -> Date? {
        try await database.query(Self.earlierSecret(hash, token, tenant)).decode(Date.self).first
    }

    package func introspector(_ id: IntrospectorID) async throws -> HashedToken? {
        // By primary key.
        try await database.query("SELECT hash FROM tessera.introspectors WHERE id = \(id.uuid) AND revoked_at IS NULL")
            .decode(Bytea.self).first.flatMap { HashedToken(bytes: $0.bytes) }
    }

    private func storedToken(_ selection: SQL, _ tenant: TenantID) async throws -> StoredToken? {
        guard let row = try await database.query(selection).first else { return nil }
        let (
            id, hash, scopes, isActive, expiresAt, networks, requests, window, isRevoked, createdAt, policy, lastUsedAt,
            slug, tenantName, tenantStatus, owner, email, name, isVerified, status, role
        ) = try row.decode(
            UUID.self, Bytea?.self, [String].self, Bool.self, Date?.self, [InetAddress].self, Int?.self, Int?.self, Bool.self, Date.self,
            JSONB?.self, Date?.self, String.self, String.self, String.self, UUID.self, String?.self, String?.self, Bool.self, String?.self,
            String?.self)
        // A deleted token has none.
        guard let hash = hash.flatMap({ HashedToken(bytes: $0.bytes) }), let name, let status else { return nil }
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
