package import Domain
import FoundationEssentials
import Postgres

/// Answers what a credential is worth: one statement by primary keys for each question.
package struct CredentialTable: CredentialStore {
    private let database: AuthDatabase

    package init(_ database: AuthDatabase) { self.database = database }

    package func token(_ id: TokenID, in tenant: TenantID) async throws -> StoredToken? {
        // The token with its tenant, owner and the owner's membership: four look-ups by primary key.
        let rows = try await database.query(
            """
            SELECT t.token_hash, t.scopes, t.is_active, t.expires_at, t.revoked_at IS NOT NULL, n.slug, n.name, n.status,
                   u.id, u.email, u.name, u.email_verified_at IS NOT NULL, u.status, m.role
            FROM tessera.api_tokens t
            JOIN tessera.tenants n ON n.id = t.tenant_id
            JOIN tessera.users u ON u.id = t.owner_id
            LEFT JOIN tessera.memberships m ON m.tenant_id = t.tenant_id AND m.user_id = t.owner_id
            WHERE t.tenant_id = \(tenant.uuid) AND t.id = \(id.uuid) AND t.deleted_at IS NULL
            """)
        guard let row = rows.first else { return nil }
        let (hash, scopes, isActive, expiresAt, isRevoked, slug, tenantName, tenantStatus, user, email, name, isVerified, status, role) =
            try row.decode(
                Bytea.self, [String].self, Bool.self, Date?.self, Bool.self, String.self, String.self, String.self, UUID.self, String.self,
                String.self, Bool.self, String.self, String?.self)
        guard let hash = HashedToken(bytes: hash.bytes) else { return nil }
        return StoredToken(
            hash: hash, scopes: scopes.compactMap(Scope.init), isActive: isActive, expiresAt: expiresAt, isRevoked: isRevoked,
            tenant: .init(id: tenant, slug: slug, name: tenantName), tenantStatus: .init(stored: tenantStatus),
            owner: .init(id: UserID(user), email: email, name: name, emailVerified: isVerified), ownerStatus: .init(stored: status),
            role: role.flatMap(Role.init))
    }

    package func session(_ id: SessionID, of user: UserID, in tenant: TenantID) async throws -> StoredSession? {
        // The session with its person, membership and tenant: four look-ups by primary key.
        let rows = try await database.query(
            """
            SELECT s.auth_time, s.expires_at, s.revoked_at IS NOT NULL, u.email, u.name, u.email_verified_at IS NOT NULL, u.status,
                   u.is_platform_admin, n.slug, n.name, n.status, m.role
            FROM tessera.sessions s
            JOIN tessera.users u ON u.id = s.user_id
            JOIN tessera.memberships m ON m.tenant_id = \(tenant.uuid) AND m.user_id = s.user_id
            JOIN tessera.tenants n ON n.id = m.tenant_id
            WHERE s.user_id = \(user.uuid) AND s.id = \(id.uuid)
            """)
        guard let row = rows.first else { return nil }
        let (authenticatedAt, expiresAt, isRevoked, email, name, isVerified, status, isAdmin, slug, tenantName, tenantStatus, role) =
            try row.decode(
                Date.self, Date.self, Bool.self, String.self, String.self, Bool.self, String.self, Bool.self, String.self, String.self,
                String.self, String.self)
        guard let role = Role(rawValue: role) else { return nil }
        return StoredSession(
            authenticatedAt: authenticatedAt, expiresAt: expiresAt, isRevoked: isRevoked,
            user: .init(id: user, email: email, name: name, emailVerified: isVerified), userStatus: .init(stored: status),
            isPlatformAdmin: isAdmin,
            membership: Membership(
                tenant: .init(id: tenant, slug: slug, name: tenantName), tenantStatus: .init(stored: tenantStatus), role: role))
    }
}
