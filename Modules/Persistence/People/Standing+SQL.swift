import Domain
import FoundationEssentials
import Postgres

extension Standing {
    /// Locks the row that gives the actor their role, by primary key: nobody takes it away before the transaction is over.
    func lock(in tenant: TenantID) -> SQL {
        switch id {
        case .user(let user):
            "SELECT 1 FROM tessera.memberships WHERE tenant_id = \(tenant.uuid) AND user_id = \(user.uuid) FOR SHARE"
        case .serviceAccount(let account):
            "SELECT 1 FROM tessera.service_accounts WHERE tenant_id = \(tenant.uuid) AND id = \(account.uuid) FOR UPDATE"
        }
    }

    /// Runs `statements` as one transaction that holds the actor's role first. Throws ``ErrorCode/forbidden`` if it is another by now: then
    /// nothing of them has happened, as long as each asks for ``holds(in:)``.
    func unit(_ database: TenantDatabase, _ tenant: TenantID, _ statements: [SQL]) async throws -> [Rows] {
        let rows = try await database.unit(tenant, [lock(in: tenant), "SELECT \(holds(in: tenant))"] + statements)
        guard try rows[1].decode(Bool.self) == [true] else { throw Refusal.roleChanged }
        return Array(rows.dropFirst(2))
    }

    /// Whether the actor still has the role that a decision rests on; by primary key.
    func holds(in tenant: TenantID) -> SQL {
        switch id {
        case .user(let user):
            """
            EXISTS (SELECT FROM tessera.memberships actor
                    WHERE actor.tenant_id = \(tenant.uuid) AND actor.user_id = \(user.uuid) AND actor.role = \(role.rawValue))
            """
        case .serviceAccount(let account):
            """
            EXISTS (SELECT FROM tessera.service_accounts actor WHERE actor.tenant_id = \(tenant.uuid) AND actor.id = \(account.uuid)
                    AND actor.role = \(role.rawValue) AND actor.status = 'active')
            """
        }
    }
}

extension SubjectID {
    /// How `owner_type` says which kind it is.
    var kind: String {
        switch self {
        case .user: "user"
        case .serviceAccount: "service_account"
        }
    }

    /// What isn't known to be a service account is a person, who has to be a member for anything.
    init(stored kind: String, _ id: UUID) { self = kind == "service_account" ? .serviceAccount(.init(id)) : .user(.init(id)) }
}
