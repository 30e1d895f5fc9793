import Domain

/// Members, invitations and service accounts.
extension EscalationModel {
    // MARK: What may succeed

    func mayInvite(_ power: Power, _ person: String, _ email: String, to role: Role) -> Bool {
        power.isSession && power.role >= .admin && role <= power.role && members[power.tenant]?[person] == nil
            && invitations[Invitee(tenant: power.tenant, email: email)] == nil
    }

    func mayWithdraw(_ power: Power, _ invitation: (invitee: Invitee, role: Role)) -> Bool {
        power.permissions.contains("members:write") && invitation.invitee.tenant == power.tenant && invitation.role <= power.role
            && invitations[invitation.invitee] != nil
    }

    func maySetRole(_ power: Power, of person: String, to role: Role) -> Bool {
        guard let current = members[power.tenant]?[person], power.permissions.contains("members:write"), current <= power.role, role <= power.role,
            role <= current || power.isSession
        else { return false }
        return role >= current || mayLose(person, in: power.tenant)
    }

    func mayRemove(_ power: Power, _ person: String) -> Bool {
        guard let current = members[power.tenant]?[person], mayLose(person, in: power.tenant) else { return false }
        if power.owner == .person(person) { return power.isSession }
        return power.permissions.contains("members:write") && current <= power.role
    }

    /// An owner who isn't disabled has to stay.
    private func mayLose(_ person: String, in tenant: String) -> Bool {
        guard let roles = members[tenant], roles[person] == .owner else { return true }
        return roles.contains { $0.key != person && $0.value == .owner && !disabled.contains($0.key) }
    }

    func mayMakeAccount(_ power: Power, _ role: Role) -> Bool { power.isSession && power.role >= .admin && role <= power.role }

    /// - Parameters: nil members stay as they are.
    func mayChangeAccount(_ power: Power, _ id: String, role: Role?, isActive: Bool?) -> Bool {
        guard let account = reachable(id, power) else { return false }
        if let role, role > power.role || role > account.role && !power.isSession { return false }
        return isActive != true || account.isActive || power.isSession
    }

    /// An account that isn't out of reach.
    func reachable(_ id: String, _ power: Power) -> ServiceAccount? {
        guard let account = accounts[id], account.tenant == power.tenant, account.role <= power.role,
            power.permissions.contains("service-accounts:write")
        else { return nil }
        return account
    }

    func isPlatformAdmin(_ credential: Credential) -> Bool {
        guard case .session(let person, let tenant, let generation) = credential else { return false }
        return isLive(person, generation) && members[tenant]?[person] != nil && platformAdmins.contains(person)
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

    mutating func disable(_ person: String) {
        if disabled.insert(person).inserted { generations[person, default: 0] += 1 }
    }

    /// Invitations fall with whoever could no longer make them.
    private mutating func withdraw(by inviter: String, in tenant: String, _ falls: (Role) -> Bool) {
        invitations = invitations.filter { $0.key.tenant != tenant || $0.value.inviter != inviter || !falls($0.value.role) }
    }

    private mutating func revokeTokens(of owner: Owner, in tenant: String) {
        for (id, token) in tokens where token.owner == owner && token.tenant == tenant { tokens[id]?.isRevoked = true }
    }
}
