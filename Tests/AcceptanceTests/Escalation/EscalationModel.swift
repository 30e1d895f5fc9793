import Domain

/// Who may what, as it follows from the grants made so far: written down again, apart from the product.
struct EscalationModel {
    /// Role by person, for each tenant.
    var members: [String: [String: Role]] = [:]
    var platformAdmins: Set<String> = []
    var disabled: Set<String> = []
    /// Whose password was given too long ago.
    var stale: Set<String> = []
    /// How often a person's sessions have ended.
    var generations: [String: Int] = [:]
    var suspended: Set<String> = []
    var policies: [String: Policy] = [:]
    var accounts: [String: ServiceAccount] = [:]
    var tokens: [String: Token] = [:]
    /// Open invitations by tenant and e-mail.
    var invitations: [Invitee: Invitation] = [:]

    struct Policy {
        var maxLifetimeDays: Int?
        var requireExpiry = false
        var scopes: [Role: [String]] = [:]
        var networks: [String] = []
        var idleDays: Int?
    }

    struct Invitee: Hashable {
        let tenant: String
        let email: String
    }

    struct Invitation {
        let id: String
        let role: Role
        let inviter: String
        /// The step that made it.
        let step: Int
    }

    struct ServiceAccount {
        let tenant: String
        var role: Role
        var isActive: Bool
    }

    struct Token {
        let tenant: String
        let owner: Owner
        var breadth: EscalationBreadth
        var secrets: [Secret]
        var isActive = true
        var isRevoked = false
        var isDeleted = false
        /// Days since it was made.
        var age = 0
        /// Days since it was last accepted, or made.
        var idle = 0

        var isEnded: Bool { isRevoked || isDeleted }
        var isRotating: Bool { secrets.contains { $0.state == .replaced } }
    }

    struct Secret {
        let text: String
        var state: State

        enum State { case current, replaced, ended }
    }

    enum Owner: Hashable {
        case person(String)
        case account(String)

        var id: String {
            switch self {
            case .person(let id), .account(let id): id
            }
        }
    }

    /// What proves an actor: a person's session in a tenant, or one of a token's secrets.
    enum Credential {
        case session(person: String, tenant: String, generation: Int)
        case token(String, secret: Int)
    }

    /// An actor who may do anything at all.
    struct Power {
        let owner: Owner
        let tenant: String
        let role: Role
        let permissions: Set<String>
        /// nil: a session.
        var token: Token?
        var tokenID: String?
        var isOldSecret = false
        var isFresh = false

        var isSession: Bool { token == nil }
    }

    /// What a credential is worth at this moment.
    enum Standing {
        case alive(Power)
        /// The codes of the reasons that there are.
        case refused(Set<String>)
    }

    func standing(_ credential: Credential, from address: String?) -> Standing {
        switch credential {
        case .session(let person, let tenant, let generation):
            guard isLive(person, generation), let role = members[tenant]?[person] else { return .refused(["invalid_token"]) }
            if suspended.contains(tenant) { return .refused(["tenant_suspended"]) }
            return .alive(
                Power(
                    owner: .person(person), tenant: tenant, role: role, permissions: EscalationRights.permissions(of: role),
                    isFresh: !stale.contains(person)))
        case .token(let id, let secret): return standing(id, secret, address)
        }
    }

    func isLive(_ person: String, _ generation: Int) -> Bool { !disabled.contains(person) && generations[person, default: 0] == generation }

    private func standing(_ id: String, _ secret: Int, _ address: String?) -> Standing {
        guard let token = tokens[id] else { return .refused(["invalid_token"]) }
        let role = role(of: token.owner, in: token.tenant)
        let policy = policies[token.tenant] ?? Policy()
        let state = token.secrets[secret].state
        var codes: Set<String> = []
        let isTooOld = policy.maxLifetimeDays.map { token.age >= $0 } ?? false || policy.idleDays.map { token.idle >= $0 } ?? false
        if token.isEnded || !token.isActive || isExpired(token) || state == .ended || role == nil || isTooOld
            || policy.requireExpiry && token.breadth.end == nil
        {
            codes.insert("invalid_token")
        }
        if !EscalationBreadth.allow(token.breadth.networks, address) || !EscalationBreadth.allow(policy.networks, address) {
            codes.insert("network_not_allowed")
        }
        if suspended.contains(token.tenant) { codes.insert("tenant_suspended") }
        guard codes.isEmpty, let role else { return .refused(codes) }
        var permissions = EscalationRights.permissions(of: role).intersection(token.breadth.implied)
        if let ceiling = policy.scopes[role] { permissions.formIntersection(EscalationRights.permissions(impliedBy: ceiling)) }
        return .alive(
            Power(
                owner: token.owner, tenant: token.tenant, role: role, permissions: permissions, token: token, tokenID: id,
                isOldSecret: state == .replaced))
    }

    func isExpired(_ token: Token) -> Bool { token.breadth.end.map { $0 < 0 } ?? false }

    /// nil: no longer there, or disabled.
    func role(of owner: Owner, in tenant: String) -> Role? {
        switch owner {
        case .person(let id): disabled.contains(id) ? nil : members[tenant]?[id]
        case .account(let id): accounts[id].flatMap { $0.isActive && $0.tenant == tenant ? $0.role : nil }
        }
    }

    /// What the token's scopes that say no permission are worth now.
    func specials(of power: Power) -> Set<String> {
        guard let token = power.token else { return [] }
        let carried = EscalationRights.specials(token.breadth.scopes).filter { power.role > .viewer || !$0.hasPrefix("app:") }
        return policies[power.tenant]?.scopes[power.role].map { carried.intersection(EscalationRights.specials($0)) } ?? carried
    }

    func status(of token: Token) -> String {
        token.isEnded ? "revoked" : isExpired(token) ? "expired" : token.isActive ? "active" : "inactive"
    }
}
