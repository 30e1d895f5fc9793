import Domain
import FoundationEssentials
import Postgres

extension Account {
    /// This person acting in their own tenant, or as a member of another, with a fresh session.
    func acting(as role: Role = .owner, in other: Tenant.Reference? = nil, byToken: Bool = false) -> Principal {
        let credential: Credential =
            byToken
            ? .apiToken(TokenProof(id: TokenID(UUID()), breadth: TokenBreadth(scopes: [.coarse(.admin)], expiresAt: nil)))
            : .session(SessionProof(id: session.id, authenticatedAt: Moment.now, isPlatformAdmin: false))
        return Principal(tenant: other ?? tenant, subject: .person(user), role: role, credential: credential)
    }
}

extension Stores {
    /// A new person as a member of another's tenant.
    func member(of tenant: TenantID, as role: Role) async throws -> Account {
        let account = try await register()
        try await join(account.user, tenant, as: role)
        return account
    }

    /// Everybody in the tenant and their role.
    func roles(in tenant: TenantID) async throws -> [UserID: Role] {
        let rows = try await superuser.query("SELECT user_id, role FROM tessera.memberships WHERE tenant_id = \(tenant.uuid)")
        return Dictionary(uniqueKeysWithValues: try rows.decode(UUID.self, String.self).map { (UserID($0), Role(rawValue: $1)!) })
    }

    /// The tenant's audit entries as `action target changes`, the oldest first.
    func audit(of tenant: TenantID) async throws -> [String] {
        try await superuser.query(
            """
            SELECT action || ' ' || target_type || ' ' || target_id || ' ' || changes::text FROM tessera.audit_log
            WHERE tenant_id = \(tenant.uuid) ORDER BY seq
            """
        ).decode(String.self)
    }
}
