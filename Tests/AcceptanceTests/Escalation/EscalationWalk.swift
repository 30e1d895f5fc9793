import Domain
import Foundation
import Support

/// People of two tenants who try whatever comes to their mind, by sessions and tokens, dead ones too. What succeeds must have been
/// theirs to do by ``EscalationModel``.
struct EscalationWalk {
    let api: RunningAPI
    private(set) var model = EscalationModel()
    private let tenants: [String]
    private let people: [Account]
    private var access: [String: String] = [:]
    private var refresh: [String: String]
    private var random: Splittable
    private var secrets: [EscalationModel.Invitee: String] = [:]
    private var seenMails: Set<String> = []
    /// How often each kind of step succeeded, and how many were refused.
    private(set) var succeeded: [String: Int] = [:]
    private(set) var refused = 0
    /// What succeeded and shouldn't have, or didn't and should have.
    private(set) var faults: [String] = []

    init(_ api: RunningAPI, seed: UInt64) async throws {
        self.api = api
        random = Splittable(state: seed)
        var people: [Account] = []
        for index in 0..<10 { people.append(try await api.register("p\(index)")) }
        self.people = people
        tenants = people.prefix(2).map(\.tenant)
        refresh = Dictionary(uniqueKeysWithValues: people.map { ($0.user, $0.refreshToken) })
        for person in people.prefix(2) { model.members[person.tenant] = [person.user: .owner] }
    }

    /// The kinds of steps, as often as they are tried.
    private static let kinds = [
        "invite", "invite", "invite", "accept", "accept", "withdraw", "role", "role", "role", "remove", "leave", "makeAccount", "changeAccount",
        "changeAccount", "deleteAccount", "makeToken", "makeToken", "makeToken", "makeAccountToken", "makeAccountToken", "switch", "switch", "revoke",
        "probe", "probe",
    ]

    static var everyKind: Set<String> { Set(kinds) }

    mutating func step() async throws {
        let kind = Self.kinds.randomElement(using: &random) ?? ""
        if kind == "accept" { return try await accept() }
        guard let (credential, text) = try await credential() else { return }
        let power = model.power(credential)
        let (isRight, reply, change) = try await attempt(kind, power, text)
        let label = "\(kind) by \(credential), \(power.map { "\($0.role)" } ?? "dead")"
        if (200...299).contains(reply.status) {
            if !isRight { faults.append("\(label) succeeded") }
            succeeded[kind, default: 0] += 1
            change(&model, reply)
        } else {
            refused += 1
            if reply.status >= 500 { faults.append("\(label): \(reply.status)") }
        }
    }

    // MARK: Actors

    /// Somebody's session in a tenant they are or were in, or any token.
    private mutating func credential() async throws -> (EscalationModel.Credential, String)? {
        if Int.random(in: 0..<2, using: &random) == 0, let (id, token) = model.tokens.sorted(by: { $0.key < $1.key }).randomElement(using: &random) {
            return (.token(id), token.secret)
        }
        guard let tenant = tenants.randomElement(using: &random) else { return nil }
        // Mostly somebody who is in.
        let inside = people.filter { model.members[tenant]?[$0.user] != nil }
        guard let person = (Int.random(in: 0..<8, using: &random) == 0 ? people : inside).randomElement(using: &random) else { return nil }
        let key = person.user + tenant
        if access[key] == nil, model.members[tenant]?[person.user] != nil { access[key] = try await enter(person, tenant) }
        guard let text = access[key] else { return nil }
        return (.session(person: person.user, tenant: tenant), text)
    }

    /// Switches a person's session to a tenant.
    private mutating func enter(_ person: Account, _ tenant: String) async throws -> String {
        let token = refresh[person.user] ?? ""
        let reply = try await api.post("/api/v1/auth/refresh", #"{"refreshToken":"\#(token)","tenant":"\#(tenant)"}"#)
        refresh[person.user] = reply.body.refreshToken.string
        return try reply.accessToken
    }

    // MARK: Steps

    private typealias Change = (inout EscalationModel, Reply) -> Void

    private mutating func attempt(_ kind: String, _ power: EscalationModel.Power?, _ text: String) async throws -> (Bool, Reply, Change) {
        let person = people.randomElement(using: &random) ?? people[0]
        let role = Role.allCases.randomElement(using: &random) ?? .viewer
        let tenant = power?.tenant ?? ""
        let model = model
        func right(_ rule: (EscalationModel.Power) -> Bool) -> Bool { power.map(rule) ?? false }
        switch kind {
        case "invite":
            let reply = try await api.post("/api/v1/invitations", #"{"email":"\#(person.email)","role":"\#(role)"}"#, as: text)
            return (
                right { model.mayInvite($0, to: role) }, reply,
                { model, reply in
                    model.invitations[.init(tenant: tenant, email: person.email)] = .init(role: role, inviter: reply.body.createdBy.string ?? "")
                }
            )
        case "withdraw":
            let listed = try await api.get("/api/v1/invitations", as: text).body.invitations.array
            guard let one = listed.randomElement(using: &random), let id = one.id.string, let email = one.email.string else {
                return (false, try await api.get("/api/v1/nowhere", as: text), { _, _ in })
            }
            let reach = one.role.string.flatMap { Role(rawValue: $0) } ?? .owner
            return (
                right { $0.permissions.contains(.membersWrite) && reach <= $0.role },
                try await api.send("DELETE", "/api/v1/invitations/\(id)", as: text),
                { model, _ in model.invitations[.init(tenant: tenant, email: email)] = nil }
            )
        case "role":
            let reply = try await api.send("PATCH", "/api/v1/members/\(person.user)", as: text, json: #"{"role":"\#(role)"}"#)
            return (
                right { model.maySetRole($0, of: person.user, to: role) }, reply, { model, _ in model.setRole(of: person.user, to: role, in: tenant) }
            )
        case "remove", "leave":
            guard let target = kind == "leave" ? power?.owner : .person(person.user), case .person(let user) = target else {
                return (false, try await api.send("DELETE", "/api/v1/members/me", as: text), { _, _ in })
            }
            let reply = try await api.send("DELETE", "/api/v1/members/\(user)", as: text)
            return (right { model.mayRemove($0, user) }, reply, { model, _ in model.remove(user, from: tenant) })
        case "makeAccount", "changeAccount", "deleteAccount": return try await attemptOnAccount(kind, power, role, text)
        case "probe":
            let reply = try await api.get("/api/v1/me", as: text)
            let found = PermissionSet(reply.body.permissions.array.compactMap { $0.string.flatMap(Permission.init) })
            // Alive and no more than granted; and what is alive isn't refused.
            let isRight = right { found.isSubset(of: $0.permissions) && reply.body.tenant.id.string == $0.tenant }
            if power != nil, reply.status != 200 { faults.append("a live credential was refused: \(reply.status)") }
            return (isRight, reply, { _, _ in })
        default: return try await attemptOnToken(kind, power, text)
        }
    }

    private mutating func attemptOnAccount(
        _ kind: String, _ power: EscalationModel.Power?, _ role: Role, _ text: String
    ) async throws -> (Bool, Reply, Change) {
        let model = model
        let tenant = power?.tenant ?? ""
        if kind == "makeAccount" {
            let reply = try await api.post("/api/v1/service-accounts", #"{"name":"\#(UUID().uuidString)","role":"\#(role)"}"#, as: text)
            return (
                power.map { model.mayMakeAccount($0, role) } ?? false, reply,
                { model, reply in model.accounts[reply.body.id.string ?? ""] = .init(tenant: tenant, role: role, isActive: true) }
            )
        }
        let id = model.accounts.keys.sorted().randomElement(using: &random) ?? UUID().uuidString
        let path = "/api/v1/service-accounts/\(id)"
        if kind == "deleteAccount" {
            let reply = try await api.send("DELETE", path, as: text)
            return (power.map { model.mayDeleteAccount($0, id) } ?? false, reply, { model, _ in model.deleteAccount(id) })
        }
        if Bool.random(using: &random) {
            let reply = try await api.send("PATCH", path, as: text, json: #"{"role":"\#(role)"}"#)
            return (
                power.map { model.mayChangeAccount($0, id, role: role, isActive: nil) } ?? false, reply,
                { model, _ in model.accounts[id]?.role = role }
            )
        }
        let isActive = Int.random(in: 0..<3, using: &random) > 0
        let reply = try await api.send("PATCH", path, as: text, json: #"{"status":"\#(isActive ? "active" : "disabled")"}"#)
        return (
            power.map { model.mayChangeAccount($0, id, role: nil, isActive: isActive) } ?? false, reply,
            { model, _ in model.accounts[id]?.isActive = isActive }
        )
    }

    private mutating func attemptOnToken(_ kind: String, _ power: EscalationModel.Power?, _ text: String) async throws -> (Bool, Reply, Change) {
        let model = model
        switch kind {
        case "makeToken", "makeAccountToken":
            let account = kind == "makeToken" ? nil : model.accounts.keys.sorted().randomElement(using: &random)
            let names = ["read", "write", "admin", "members:write", "service-accounts:write", "tokens:write", "tenant-tokens:write", "data:read"]
            let scopes = (0..<Int.random(in: 1...2, using: &random)).compactMap { _ in names.randomElement(using: &random) }
            let list = Set(scopes).map { "\"\($0)\"" }.joined(separator: ",")
            let owner = account.map { #","serviceAccountId":"\#($0)""# } ?? ""
            let days = power?.isSession == true ? 60 : 30
            let reply = try await api.post(
                "/api/v1/tokens", #"{"name":"\#(UUID().uuidString)","scopes":[\#(list)],"expiresInDays":\#(days)\#(owner)}"#, as: text)
            let wanted = scopes.compactMap(Scope.init)
            return (
                power.map { model.mayMakeToken($0, for: account, wanted) } ?? false, reply,
                { model, reply in
                    guard let power, let id = reply.body.id.string, let secret = reply.body.token.string else { return }
                    model.tokens[id] = .init(
                        secret: secret, tenant: power.tenant, owner: account.map { .account($0) } ?? power.owner, scopes: wanted)
                }
            )
        default:
            let id = model.tokens.keys.sorted().randomElement(using: &random) ?? UUID().uuidString
            if kind == "revoke" {
                let reply = try await api.post("/api/v1/tokens/\(id)/revoke", as: text)
                return (power.map { model.mayRevoke($0, id) } ?? false, reply, { model, _ in model.tokens[id]?.isRevoked = true })
            }
            let isActive = Int.random(in: 0..<3, using: &random) > 0
            let reply = try await api.send("PATCH", "/api/v1/tokens/\(id)", as: text, json: #"{"isActive":\#(isActive)}"#)
            return (power.map { model.maySwitch($0, id, on: isActive) } ?? false, reply, { model, _ in model.tokens[id]?.isActive = isActive })
        }
    }

    /// Whoever is invited comes in by the mail and their own session.
    private mutating func accept() async throws {
        try readMails()
        guard let (invitee, secret) = secrets.sorted(by: { $0.value < $1.value }).randomElement(using: &random),
            let person = people.first(where: { $0.email == invitee.email })
        else { return }
        secrets[invitee] = nil
        let reply = try await api.post("/api/v1/invitations/accept", #"{"secret":"\#(secret)"}"#, as: try await anySession(of: person))
        guard reply.status == 201 else {
            refused += 1
            return
        }
        let granted = model.invitations.removeValue(forKey: invitee)
        if granted == nil || reply.body.role.string != granted?.role.rawValue { faults.append("accepted what nobody granted: \(reply.body.role)") }
        succeeded["accept", default: 0] += 1
        model.members[invitee.tenant]?[person.user] = granted?.role
    }

    private mutating func anySession(of person: Account) async throws -> String {
        let key = person.user + person.tenant
        if !tenants.contains(person.tenant), let text = access[key] { return text }
        for tenant in tenants where model.members[tenant]?[person.user] != nil {
            let text = try await enter(person, tenant)
            access[person.user + tenant] = text
            return text
        }
        // Who is in neither of the two is in their own tenant, or in none at all.
        if tenants.contains(person.tenant) {
            return try await api.post("/api/v1/auth/login", #"{"email":"\#(person.email)","password":"correct horse battery"}"#).accessToken
        }
        let text = try await enter(person, person.tenant)
        access[key] = text
        return text
    }

    private mutating func readMails() throws {
        let folder = RunningAPI.mailbox(of: api.database)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() where name.hasSuffix(".eml") && seenMails.insert(name).inserted {
            let mail = try String(contentsOfFile: folder + "/" + name, encoding: .utf8).replacing("=\r\n", with: "").replacing("=3D", with: "=")
            guard mail.contains("You are invited"), let link = mail.firstMatch(of: /#secret=([0-9A-Za-z_]+)/),
                let recipient = mail.firstMatch(of: /To: <([^>]+)>/)
            else { continue }
            let email = String(recipient.1)
            // Which tenant it is for, its secret alone tells: the newest open one for that address.
            for tenant in tenants where model.invitations[.init(tenant: tenant, email: email)] != nil && mail.contains(Self.name(of: tenant, people))
            {
                secrets[.init(tenant: tenant, email: email)] = String(link.1)
            }
        }
    }

    private static func name(of tenant: String, _ people: [Account]) -> String {
        "\(people.first { $0.tenant == tenant }.map { $0.email.split(separator: "-")[0] } ?? "") & Sons"
    }
}

/// A small generator with a seed, so that a walk can be taken again (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators).
private struct Splittable: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
