import Domain

/// Tokens that are made, changed, rotated, ended and looked at.
extension EscalationModel {
    /// What a change sets; nil members stay.
    struct Change {
        var isActive: Bool?
        var scopes: [String]?
        var end: Int??
        var networks: [String]?
        var rate: EscalationBreadth.Rate??

        var setsBreadth: Bool { scopes != nil || end != nil || networks != nil || rate != nil }

        func applied(to breadth: EscalationBreadth) -> EscalationBreadth {
            EscalationBreadth(
                scopes: scopes ?? breadth.scopes, end: end ?? breadth.end, networks: networks ?? breadth.networks, rate: rate ?? breadth.rate)
        }
    }

    /// The most live tokens that one owner has.
    private static let most = 200

    // MARK: What may succeed

    func mayMake(_ power: Power, for account: String?, _ breadth: EscalationBreadth) -> Bool {
        guard power.permissions.contains("tokens:write"), !power.isOldSecret, case .person = power.owner else { return false }
        if breadth.end.map({ $0 < 0 }) ?? false { return false }
        let owner = account.map { Owner.account($0) } ?? power.owner
        if let account {
            guard power.isSession, let account = reachable(account, power), account.isActive else { return false }
        }
        guard tokens.values.count(where: { $0.owner == owner && $0.tenant == power.tenant && !$0.isEnded }) < Self.most else { return false }
        return isBelow(power, breadth, of: role(of: owner, in: power.tenant) ?? .viewer, age: 0)
    }

    /// Not above the owner's role, the credential that sets it, or the tenant's policy.
    private func isBelow(_ power: Power, _ breadth: EscalationBreadth, of role: Role, age: Int) -> Bool {
        guard EscalationRights.fit(breadth.scopes, role) else { return false }
        if let token = power.token {
            guard token.breadth.covers(breadth) else { return false }
        } else {
            guard power.isFresh || breadth.end != nil && !breadth.scopes.contains("admin") else { return false }
        }
        let policy = policies[power.tenant] ?? Policy()
        if let ceiling = policy.scopes[role], !EscalationRights.isWithin(breadth.scopes, ceiling) { return false }
        if policy.requireExpiry, breadth.end == nil { return false }
        // The end is at noon, half a day behind the day that the token was made.
        if let most = policy.maxLifetimeDays, let end = breadth.end, end >= most - age { return false }
        return true
    }

    func mayChange(_ power: Power, _ id: String, _ change: Change) -> Bool {
        guard let token = tokens[id], token.tenant == power.tenant, !token.isEnded, power.permissions.contains("tokens:write"), !power.isOldSecret,
            power.owner == token.owner || power.permissions.contains("tenant-tokens:write")
        else { return false }
        if let end = change.end, let end, end < 0 { return false }
        let wanted = change.applied(to: token.breadth)
        if change.isActive == true && !token.isActive || change.setsBreadth && !token.breadth.covers(wanted) {
            switch token.owner {
            case .account(let account):
                guard power.isSession, let account = reachable(account, power), isBelow(power, wanted, of: account.role, age: token.age) else {
                    return false
                }
            case .person:
                guard power.owner == token.owner, isBelow(power, wanted, of: power.role, age: token.age) else { return false }
            }
        }
        let onlyEnds = change.isActive == false && !change.setsBreadth
        return onlyEnds || power.token.map { $0.breadth.covers(wanted) } ?? true
    }

    /// Whether the actor may see the token's next secret.
    func mayRenew(_ power: Power, _ id: String) -> Bool {
        guard power.isSession, let token = tokens[id], token.tenant == power.tenant, !token.isDeleted else { return false }
        switch token.owner {
        case .person: return token.owner == power.owner
        case .account(let account): return reachable(account, power) != nil
        }
    }

    func mayRotate(_ power: Power, _ id: String) -> Bool {
        mayRenew(power, id) && tokens[id].map { !$0.isRevoked && !$0.isRotating } ?? false
    }

    func mayRotateItself(_ power: Power) -> Bool {
        guard let token = power.token else { return false }
        return !power.isOldSecret && specials(of: power).contains("self:rotate") && !token.isRotating
    }

    func mayEnd(_ power: Power, _ id: String) -> Bool {
        guard let token = tokens[id], token.tenant == power.tenant, !token.isDeleted, power.permissions.contains("tokens:write") else { return false }
        return !power.isOldSecret && (power.owner == token.owner || power.permissions.contains("tenant-tokens:write"))
    }

    /// - Parameter permission: what seeing one's own takes.
    func maySee(_ power: Power, _ id: String, _ permission: String, deletedToo: Bool) -> Bool {
        guard let token = tokens[id], token.tenant == power.tenant, deletedToo || !token.isDeleted, power.permissions.contains(permission) else {
            return false
        }
        return !power.isOldSecret && (power.owner == token.owner || power.permissions.contains("tenant-tokens:read"))
    }

    // MARK: What comes of it

    mutating func rotate(_ id: String, to text: String, overlaps: Bool) {
        guard let secrets = tokens[id]?.secrets else { return }
        tokens[id]?.secrets = secrets.map { Secret(text: $0.text, state: $0.state == .current ? (overlaps ? .replaced : .ended) : $0.state) }
        tokens[id]?.secrets.append(Secret(text: text, state: .current))
    }

    /// Overlaps last for a day at most.
    mutating func endOverlap(of id: String) {
        guard let secrets = tokens[id]?.secrets else { return }
        tokens[id]?.secrets = secrets.map { Secret(text: $0.text, state: $0.state == .replaced ? .ended : $0.state) }
    }

    mutating func age(_ id: String, days: Int) {
        tokens[id]?.age += days
        tokens[id]?.idle += days
        if let end = tokens[id]?.breadth.end { tokens[id]?.breadth.end = end - days }
        endOverlap(of: id)
    }

    /// The ids of tokens that an actor's list holds.
    func listed(in tenant: String, of owner: Owner?) -> Set<String> {
        Set(tokens.filter { $0.value.tenant == tenant && !$0.value.isDeleted && (owner == nil || $0.value.owner == owner) }.keys)
    }
}
