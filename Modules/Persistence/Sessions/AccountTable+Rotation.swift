package import Domain
package import FoundationEssentials
import Postgres

extension AccountTable {
    package func rotate(
        _ presented: RefreshToken, successor: RefreshToken, tenant: String?, from origin: Origin, at now: Date
    ) async throws -> RotationOutcome {
        let reuse = AuditEntry(.sessionReused, of: .session(presented.session), by: .anonymous, from: origin, at: now)
        let rows = try await database.query(Self.rotation(presented, successor, tenant, reuse, now))
        guard let row = rows.first else { return .refused }
        let (outcome, email, name, isVerified, tenantID, slug, tenantName, tenantStatus, role, authenticatedAt) = try row.decode(
            String.self, String?.self, String?.self, Bool?.self, UUID?.self, String?.self, String?.self, String?.self, String?.self, Date?.self)
        switch outcome {
        case "superseded": return .superseded
        case "reused": return .reused
        case "rotated":
            guard let email, let name, let isVerified, let authenticatedAt else { return .refused }
            var membership: Membership?
            if let tenantID {
                guard let slug, let tenantName, let tenantStatus, let role = role.flatMap(Role.init) else { return .refused }
                membership = Membership(
                    tenant: .init(id: TenantID(tenantID), slug: slug, name: tenantName), tenantStatus: .init(stored: tenantStatus), role: role)
            }
            return .rotated(
                .init(id: presented.user, email: email, name: name, emailVerified: isVerified), membership, authenticatedAt: authenticatedAt)
        default: return .refused
        }
    }

    /// One statement, so that of many at once exactly one trades the token: the others wait for its row, find it used, and change
    /// nothing. All rows are found by primary key.
    ///
    /// `presented` is what the token was when the statement began: unused there but not traded here means that another was
    /// faster by a moment. A token whose successor is still unused, ten seconds at most after the trade, is merely refused;
    /// any other used one ends the session.
    private static func rotation(_ presented: RefreshToken, _ successor: RefreshToken, _ tenant: String?, _ reuse: AuditEntry, _ now: Date) -> SQL {
        let key: SQL = "user_id = \(presented.user.uuid) AND session_id = \(presented.session.uuid)"
        return """
            WITH presented AS MATERIALIZED (
                SELECT used_at, replaced_by, expires_at FROM tessera.refresh_tokens
                WHERE \(key) AND id = \(presented.id.uuid) AND hash = \(Bytea(presented.hash.bytes))
            ), target AS MATERIALIZED (
                SELECT u.email, u.name, u.email_verified_at IS NOT NULL AS verified, n.id AS tenant_id, n.slug, n.name AS tenant_name,
                       n.status AS tenant_status, m.role, s.auth_time, s.expires_at
                FROM tessera.sessions s
                JOIN tessera.users u ON u.id = s.user_id AND u.status = 'active'
                LEFT JOIN (tessera.memberships m JOIN tessera.tenants n ON n.id = m.tenant_id AND n.status <> 'deleted') ON m.user_id = s.user_id
                  AND CASE WHEN \(tenant)::text IS NULL THEN n.id = s.last_tenant_id ELSE n.slug = \(tenant) OR n.id::text = lower(\(tenant)) END
                WHERE s.user_id = \(presented.user.uuid) AND s.id = \(presented.session.uuid) AND s.revoked_at IS NULL AND s.expires_at > \(now)
                  AND (n.id IS NOT NULL OR \(tenant)::text IS NULL AND s.last_tenant_id IS NULL)
            ), traded AS (
                UPDATE tessera.refresh_tokens SET used_at = \(now), replaced_by = \(successor.id.uuid)
                WHERE \(key) AND id = \(presented.id.uuid) AND hash = \(Bytea(presented.hash.bytes))
                  AND used_at IS NULL AND expires_at > \(now) AND EXISTS (SELECT FROM target)
                RETURNING id
            ), successor AS (
                INSERT INTO tessera.refresh_tokens (user_id, session_id, id, hash, created_at, expires_at)
                SELECT \(successor.user.uuid), \(successor.session.uuid), \(successor.id.uuid), \(Bytea(successor.hash.bytes)), \(now),
                       least(\(successor.expiresAt), target.expires_at)
                FROM traded, target
            ), touched AS (
                UPDATE tessera.sessions SET last_used_at = \(now), last_tenant_id = target.tenant_id FROM traded, target
                WHERE sessions.user_id = \(presented.user.uuid) AND sessions.id = \(presented.session.uuid)
            ), verdict AS (
                SELECT CASE
                    WHEN EXISTS (SELECT FROM traded) THEN 'rotated'
                    WHEN p.used_at IS NULL AND p.expires_at > \(now) AND EXISTS (SELECT FROM target) THEN 'superseded'
                    WHEN p.used_at IS NULL THEN 'refused'
                    WHEN p.used_at >= \(now - RefreshToken.graceAfterUse) AND EXISTS (
                        SELECT FROM tessera.refresh_tokens r WHERE \(key) AND r.id = p.replaced_by AND r.used_at IS NULL) THEN 'superseded'
                    ELSE 'reused'
                END AS outcome
                FROM presented p
            ), ended AS (
                UPDATE tessera.sessions SET revoked_at = \(now)
                WHERE user_id = \(presented.user.uuid) AND id = \(presented.session.uuid) AND revoked_at IS NULL
                  AND EXISTS (SELECT FROM verdict WHERE outcome = 'reused')
                RETURNING id
            ), audited AS MATERIALIZED (
                SELECT count(\(reuse.call)::text) AS entries FROM ended
            )
            SELECT v.outcome, t.email, t.name, t.verified, t.tenant_id, t.slug, t.tenant_name, t.tenant_status, t.role, t.auth_time
            FROM verdict v CROSS JOIN audited LEFT JOIN target t ON v.outcome = 'rotated'
            """
    }
}
