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
