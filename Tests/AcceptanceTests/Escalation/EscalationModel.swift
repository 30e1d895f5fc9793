import Domain

/// Who may what, as it follows from the grants made so far and the permission table: written down again, apart from the product.
struct EscalationModel {
    /// Role by person, for each tenant.
    var members: [String: [String: Role]] = [:]
    var accounts: [String: ServiceAccount] = [:]
    var tokens: [String: Token] = [:]
    /// Open invitations by tenant and e-mail.
    var invitations: [Invitee: Invitation] = [:]

    struct Invitee: Hashable {
        let tenant: String
        let email: String
    }

    struct Invitation {
        let role: Role
        let inviter: String
    }

    struct ServiceAccount {
        let tenant: String
        var role: Role
        var isActive: Bool
    }

    struct Token {
        let secret: String
        let tenant: String
        let owner: Owner
        let scopes: [Scope]
        var isActive = true
        var isRevoked = false
    }

    enum Owner: Hashable {
        case person(String)
        case account(String)
    }

    /// What proves an actor: a person's session in a tenant, or a token.
    enum Credential {
        case session(person: String, tenant: String)
        case token(String)
    }

    /// An actor who may do anything at all.
    struct Power {
        let owner: Owner
        let tenant: String
        let role: Role
        let isSession: Bool
        let permissions: PermissionSet
        /// nil: a session.
        let scopes: [Scope]?
    }

    /// nil: the credential is dead.
    func power(_ credential: Credential) -> Power? {
        switch credential {
        case .session(let person, let tenant):
            guard let role = members[tenant]?[person] else { return nil }
            return Power(
                owner: .person(person), tenant: tenant, role: role, isSession: true, permissions: PermissionTable.permissions(of: role), scopes: nil)
        case .token(let id):
            guard let token = tokens[id], token.isActive, !token.isRevoked, let role = role(of: token.owner, in: token.tenant) else { return nil }
            return Power(
                owner: token.owner, tenant: token.tenant, role: role, isSession: false,
                permissions: PermissionTable.permissions(of: role).intersection(token.scopes.permissions), scopes: token.scopes)
        }
    }

    /// nil: no longer there, or disabled.
    func role(of owner: Owner, in tenant: String) -> Role? {
        switch owner {
        case .person(let id): members[tenant]?[id]
        case .account(let id): accounts[id].flatMap { $0.isActive && $0.tenant == tenant ? $0.role : nil }
        }
    }

    // MARK: What may succeed

    func mayInvite(_ power: Power, to role: Role) -> Bool { power.isSession && power.role >= .admin && role <= power.role }

    func maySetRole(_ power: Power, of person: String, to role: Role) -> Bool {
        guard let current = members[power.tenant]?[person], power.permissions.contains(.membersWrite) else { return false }
        return current <= power.role && role <= power.role && (role <= current || power.isSession)
    }

    func mayRemove(_ power: Power, _ person: String) -> Bool {
        guard let current = members[power.tenant]?[person] else { return false }
        if power.owner == .person(person) { return power.isSession }
        return power.permissions.contains(.membersWrite) && current <= power.role
    }

    func mayMakeAccount(_ power: Power, _ role: Role) -> Bool { power.isSession && power.role >= .admin && role <= power.role }

    /// - Parameters: nil members stay as they are.
    func mayChangeAccount(_ power: Power, _ id: String, role: Role?, isActive: Bool?) -> Bool {
        guard let account = reachable(id, power) else { return false }
        if let role, role > power.role || role > account.role && !power.isSession { return false }
        return isActive != true || account.isActive || power.isSession
    }

    func mayDeleteAccount(_ power: Power, _ id: String) -> Bool { reachable(id, power) != nil }

    func mayMakeToken(_ power: Power, for account: String?, _ scopes: [Scope]) -> Bool {
        guard power.permissions.contains(.tokensWrite), case .person = power.owner else { return false }
        if let account {
            guard power.isSession, let account = reachable(account, power), account.isActive else { return false }
            return scopes.permissions.isSubset(of: PermissionTable.permissions(of: account.role))
        }
        guard scopes.permissions.isSubset(of: PermissionTable.permissions(of: power.role)) else { return false }
        return power.scopes.map { scopes.permissions.isSubset(of: $0.permissions) } ?? true
    }

    func maySwitch(_ power: Power, _ id: String, on: Bool) -> Bool {
        guard let token = tokens[id], token.tenant == power.tenant, !token.isRevoked, power.permissions.contains(.tokensWrite) else { return false }
        if !on || token.isActive { return power.owner == token.owner || power.permissions.contains(.tenantTokensWrite) }
        if case .account(let account) = token.owner { return power.isSession && reachable(account, power) != nil }
        return power.owner == token.owner && (power.scopes.map { token.scopes.permissions.isSubset(of: $0.permissions) } ?? true)
    }

    func mayRevoke(_ power: Power, _ id: String) -> Bool {
        guard let token = tokens[id], token.tenant == power.tenant, power.permissions.contains(.tokensWrite) else { return false }
        return power.owner == token.owner || power.permissions.contains(.tenantTokensWrite)
    }

    private func reachable(_ id: String, _ power: Power) -> ServiceAccount? {
        guard let account = accounts[id], account.tenant == power.tenant, account.role <= power.role,
            power.permissions.contains(.serviceAccountsWrite)
        else { return nil }
        return account
    }

    // MARK: What comes of it

    mutating func setRole(of person: String, to role: Role, in tenant: String) {
        members[tenant]?[person] = role
        withdraw(by: person, in: tenant) { role < .admin || $0 > role }
    }

    mutating func remove(_ person: String, from tenant: String) {
        members[tenant]?[person] = nil
        withdraw(by: person, in: tenant) { _ in true }
        revokeTokens(of: .person(person), in: tenant)
    }

    mutating func deleteAccount(_ id: String) {
        guard let account = accounts.removeValue(forKey: id) else { return }
        revokeTokens(of: .account(id), in: account.tenant)
    }

    /// Invitations fall with whoever could no longer make them.
    private mutating func withdraw(by inviter: String, in tenant: String, _ falls: (Role) -> Bool) {
        invitations = invitations.filter { $0.key.tenant != tenant || $0.value.inviter != inviter || !falls($0.value.role) }
    }

    private mutating func revokeTokens(of owner: Owner, in tenant: String) {
        for (id, token) in tokens where token.owner == owner && token.tenant == tenant { tokens[id]?.isRevoked = true }
    }
}
