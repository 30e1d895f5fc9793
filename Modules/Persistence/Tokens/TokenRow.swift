import Domain
import FoundationEssentials
import Postgres

/// How a token is read: the columns, where they come from, and what they become.
enum TokenRow {
    static let columns: SQL = """
        t.tenant_id, t.id, t.owner_type, t.owner_id, coalesce(o.name, s.name, ''), t.name, t.description, t.token_prefix, t.scopes,
        t.is_active, t.expires_at, t.created_at, t.created_by, coalesce(c.name, ''), t.updated_at, t.parent_token_id, t.revoked_at,
        t.revoked_reason, t.exposed_at, r.replaced_at, r.good_until, r.last_used_at, t.allowed_cidrs, t.rate_limit_requests,
        t.rate_limit_window_seconds, a.last_used_at, a.last_used_ip, a.last_used_user_agent, a.networks, t.metadata, t.version
        """

    /// The token's own columns that `tessera_app` may read.
    static let readable: SQL = """
        tenant_id, id, owner_type, owner_id, name, description, token_prefix, scopes, is_active, expires_at, created_at, created_by,
        updated_at, parent_token_id, revoked_at, revoked_reason, exposed_at, allowed_cidrs, rate_limit_requests,
        rate_limit_window_seconds, metadata, version
        """

    /// Names of members and service accounts, and the latest use, each by primary key.
    static let joins: SQL = """
        LEFT JOIN tessera.memberships o ON o.tenant_id = t.tenant_id AND o.user_id = t.owner_id
        LEFT JOIN tessera.service_accounts s ON s.tenant_id = t.tenant_id AND s.id = t.owner_id
        LEFT JOIN tessera.memberships c ON c.tenant_id = t.tenant_id AND c.user_id = t.created_by
        LEFT JOIN LATERAL (
            SELECT replaced_at, good_until, last_used_at FROM tessera.token_secrets e
            WHERE e.tenant_id = t.tenant_id AND e.token_id = t.id ORDER BY e.replaced_at DESC LIMIT 1
        ) r ON true
        LEFT JOIN tessera.token_activity a ON a.tenant_id = t.tenant_id AND a.token_id = t.id
        """

    static func token(_ row: Row) throws -> APIToken {
        let (
            tenant, id, ownerKind, owner, ownerName, name, description, prefix, scopes,
            isActive, expiresAt, createdAt, creator, creatorName, updatedAt, parent, revokedAt,
            revokedReason, exposedAt, replacedAt, goodUntil, oldLastUsedAt, networks, requests,
            window, lastUsedAt, lastUsedIP, lastUsedAgent, usedNetworks, metadata, version
        ) = try row.decode(
            UUID.self, UUID.self, String.self, UUID.self, String.self, String.self, String?.self, String.self, [String].self,
            Bool.self, Date?.self, Date.self, UUID?.self, String.self, Date.self, UUID?.self, Date?.self,
            String?.self, Date?.self, Date?.self, Date?.self, Date?.self, [InetAddress].self, Int?.self,
            Int?.self, Date?.self, InetAddress?.self, String?.self, [InetAddress]?.self, JSONB.self, Int.self)
        return APIToken(
            id: TokenID(id), tenant: TenantID(tenant), owner: .init(id: SubjectID(stored: ownerKind, owner), name: ownerName), name: name,
            description: description, prefix: prefix,
            breadth: .init(scopes: scopes, expiresAt: expiresAt, networks: networks, requests: requests, window: window), isActive: isActive,
            createdAt: createdAt, createdBy: creator.map { .init(id: UserID($0), name: creatorName) }, updatedAt: updatedAt,
            parent: parent.map(TokenID.init), revocation: revokedAt.map { .init(at: $0, reason: revokedReason) }, exposedAt: exposedAt,
            rotation: replacedAt.map { .init(startedAt: $0, overlapEndsAt: goodUntil ?? $0, oldSecretLastUsedAt: oldLastUsedAt) },
            activity: lastUsedAt.map {
                .init(
                    lastUsedAt: $0, ipAddress: IPAddress(lastUsedIP), userAgent: lastUsedAgent, networks: (usedNetworks ?? []).compactMap(CIDR.init))
            },
            metadata: metadata.bytes, version: version)
    }
}
