package import Domain
package import Postgres

/// What the verification of a token asks. Apart from who asks it, so that its plans can be looked at.
///
/// A deleted token has no hash, which its reader sees. `deleted_at IS NULL` would let the planner take one of the partial indexes that lists
/// are read by, and walk through all tokens of a tenant, where most tenants have few.
extension CredentialTable {
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

        static let person = Owner(
            columns: "u.email, u.name, u.email_verified_at IS NOT NULL, u.status, m.role",
            joins: """
                JOIN tessera.users u ON u.id = t.owner_id AND t.owner_type = 'user'
                LEFT JOIN tessera.memberships m ON m.tenant_id = t.tenant_id AND m.user_id = t.owner_id
                """)

        static let serviceAccount = Owner(
            columns: "NULL::text, s.name, false, s.status, s.role",
            joins: "JOIN tessera.service_accounts s ON s.tenant_id = t.tenant_id AND s.id = t.owner_id AND t.owner_type = 'service_account'")

        /// One of the two: a foreign token doesn't say which.
        static let anyone = Owner(
            columns: """
                u.email, coalesce(u.name, s.name), u.email_verified_at IS NOT NULL, coalesce(u.status, s.status),
                CASE t.owner_type WHEN 'user' THEN m.role ELSE s.role END
                """,
            joins: """
                LEFT JOIN tessera.users u ON u.id = t.owner_id AND t.owner_type = 'user'
                LEFT JOIN tessera.memberships m ON m.tenant_id = t.tenant_id AND m.user_id = t.owner_id
                LEFT JOIN tessera.service_accounts s ON s.tenant_id = t.tenant_id AND s.id = t.owner_id AND t.owner_type = 'service_account'
                """)
    }

    /// The token with its tenant and owner, and a person's membership: three or four look-ups by primary key, and another where the tenant's
    /// policy asks when the token was used last.
    package static func token(_ id: TokenID, _ kind: TokenKind, _ tenant: TenantID) -> SQL {
        let owner: Owner = kind == .user ? .person : .serviceAccount
        return """
            SELECT \(tokenColumns), \(owner.columns) FROM tessera.api_tokens t JOIN tessera.tenants n ON n.id = t.tenant_id \(owner.joins)
            WHERE t.tenant_id = \(tenant.uuid) AND t.id = \(id.uuid)
            """
    }

    /// The hash by primary key, while the tenant has that prefix, and the token with what belongs to it by theirs.
    package static func importedToken(_ hash: HashedToken, _ prefix: String, _ tenant: TenantID) -> SQL {
        """
        SELECT \(tokenColumns), \(Owner.anyone.columns) FROM tessera.imported_tokens i
        JOIN tessera.token_prefixes p ON p.tenant_id = i.tenant_id AND p.prefix = i.prefix
        JOIN tessera.api_tokens t ON t.tenant_id = i.tenant_id AND t.id = i.token_id
        JOIN tessera.tenants n ON n.id = t.tenant_id \(Owner.anyone.joins)
        WHERE i.tenant_id = \(tenant.uuid) AND i.hash = \(Bytea(hash.bytes)) AND i.prefix = \(prefix)
        """
    }

    /// Until when an earlier secret is taken: by primary key.
    package static func earlierSecret(_ hash: HashedToken, _ token: TokenID, _ tenant: TenantID) -> SQL {
        """
        SELECT good_until FROM tessera.token_secrets
        WHERE tenant_id = \(tenant.uuid) AND token_id = \(token.uuid) AND hash = \(Bytea(hash.bytes))
        """
    }
}
