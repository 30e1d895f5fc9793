import Domain
import Foundation
import Postgres
import Support

/// People of two tenants who try whatever comes to their mind, by sessions and tokens, dead ones too, from several addresses. Every answer
/// must be the one that follows from ``EscalationModel``: neither more nor less.
///
/// The same seed takes the same walk: nothing that is drawn depends on the ids that the product makes, nor on how long an answer takes.
struct EscalationWalk {
    let api: RunningAPI
    let connection: PostgresConnection
    var model = EscalationModel()
    let tenants: [String]
    /// The first two own the tenants; the fourth is a platform administrator as well.
    let people: [Account]
    /// Outside of both tenants, a platform administrator.
    let root: Account
    var random: Splittable
    /// In the order in which they were made.
    var tokenIDs: [String] = []
    var accountIDs: [String] = []
    var invitees: [EscalationModel.Invitee] = []
    var sessions = EscalationSessions()
    var mails: EscalationMails
    var counter = 0
    private let seed: UInt64
    /// The noon that ends of tokens are counted from, in days.
    let noon: Date
    private(set) var stepNumber = 0
    /// What ids are called in a story.
    private var names: [String: String] = [:]
    private var trail: [(subjects: Set<String>, line: String)] = []
    /// Uses that may not be stored yet: when, and for how many days the token had idled.
    private var pendingUses: [String: (at: Date, step: Int, idle: Int)] = [:]
    /// How often each kind of step succeeded, and how many were refused.
    private(set) var succeeded: [String: Int] = [:]
    private(set) var refused = 0
    /// An answer that doesn't follow from what was granted, with what led to it.
    private(set) var fault: String?

    init(_ api: RunningAPI, _ connection: PostgresConnection, seed: UInt64) async throws {
        self.api = api
        self.connection = connection
        self.seed = seed
        random = Splittable(state: seed)
        noon = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 + 43_200).rounded(.down))
        root = try await api.platformAdmin()
        var people: [Account] = []
        for index in 0..<8 { people.append(try await api.register("p\(index)")) }
        self.people = people
        tenants = people.prefix(2).map(\.tenant)
        mails = EscalationMails(tenants: [people[0].tenant: "p0 & Sons", people[1].tenant: "p1 & Sons"])
        for person in people { sessions.refresh[person.user] = person.refreshToken }
        for person in people.prefix(2) { model.members[person.tenant] = [person.user: .owner] }
        model.platformAdmins = [people[3].user]
        _ = try await connection.query("UPDATE tessera.users SET is_platform_admin = true WHERE id = \(people[3].user)::text::uuid")
        names = [root.user: "root", root.tenant: "elsewhere", tenants[0]: "tenant0", tenants[1]: "tenant1"]
        for (index, person) in people.enumerated() { names[person.user] = "p\(index)" }
        model.stale = [people[4].user, people[7].user]
        try await makeStale()
    }

    /// The kinds of steps, and how often of a thousand each is tried.
    private static let kinds: [(String, Int)] = [
        ("invite", 70), ("accept", 60), ("withdraw", 25), ("role", 90), ("remove", 16), ("leave", 8), ("makeAccount", 20), ("changeAccount", 40),
        ("deleteAccount", 10), ("makeToken", 130), ("makeAccountToken", 45), ("change", 120), ("rotate", 45), ("finish", 20), ("rotateItself", 35),
        ("endItself", 8), ("revoke", 18), ("delete", 15), ("bulk", 25), ("me", 60), ("authorize", 50), ("introspect", 40), ("list", 40), ("look", 40),
        ("administer", 20), ("disable", 9), ("suspend", 5), ("policy", 40), ("enter", 14), ("age", 55),
    ]

    static var everyKind: Set<String> { Set(kinds.map(\.0)) }

    mutating func step() async throws {
        stepNumber += 1
        if !model.suspended.isEmpty, draw(12) == 0 { try await resume() }
        var left = draw(Self.kinds.reduce(0) { $0 + $1.1 })
        for (kind, weight) in Self.kinds {
            if left < weight { return try await take(kind) }
            left -= weight
        }
    }

    private mutating func take(_ kind: String) async throws {
        switch kind {
        case "accept": return try await accept()
        case "enter": return try await enterSomewhere()
        case "age": return try await age()
        default: break
        }
        guard let actor = try await actor(for: kind) else { return }
        switch kind {
        case "invite", "withdraw", "role", "remove", "leave": try await stepOnPeople(kind, actor)
        case "makeAccount", "changeAccount", "deleteAccount": try await stepOnAccount(kind, actor)
        case "makeToken", "makeAccountToken": try await make(kind, actor)
        case "change": try await change(actor)
        case "rotate", "finish", "rotateItself": try await rotate(kind, actor)
        case "revoke", "delete", "endItself", "bulk": try await end(kind, actor)
        case "administer", "disable", "suspend": try await administer(kind, actor)
        case "policy": try await setPolicy(actor)
        default: try await use(kind, actor)
        }
    }

    // MARK: Asking and judging

    /// Sends a request as `actor`, whose earlier uses are stored as far as that matters.
    mutating func ask(
        _ actor: Actor, _ method: String, _ path: String, _ json: String? = nil, form: Bool = false
    ) async throws -> Reply {
        var headers = actor.address.map { [("X-Forwarded-For", $0)] } ?? []
        if form { headers.append(("Content-Type", "application/x-www-form-urlencoded")) }
        let sentAt = Date()
        let reply = try await api.send(method, path, as: actor.text, json: json, headers: headers)
        if let id = actor.power?.tokenID {
            pendingUses[id] = (sentAt, stepNumber, max(pendingUses[id]?.idle ?? 0, model.tokens[id]?.idle ?? 0))
            model.tokens[id]?.idle = 0
        }
        return reply
    }

    /// Whether the request succeeded; it is a fault if that isn't right, or if a refusal has another reason than there is.
    ///
    /// - Parameters:
    ///   - isRight: what the model says.
    ///   - subjects: the ids of what it was about.
    mutating func judge(
        _ kind: String, _ actor: Actor, _ isRight: Bool, _ reply: Reply, _ what: String, _ subjects: String?...
    ) -> Bool {
        let isDone = (200...299).contains(reply.status)
        let subjects = Set(subjects.compactMap(\.self) + [actor.subject])
        let names = subjects.subtracting([actor.subject]).map(name).sorted().joined(separator: " ")
        let line = "\(stepNumber): \(describe(actor)): \(kind) \(what) \(names) → \(reply.status) \(reply.code ?? "")"
        trail.append((subjects, line))
        if isDone != isRight { blame("\(isDone ? "succeeded" : "was refused") but \(isRight ? "was" : "wasn't") theirs to do", subjects, reply) }
        if reply.status >= 500 { blame("failed", subjects, reply) }
        if !isDone, !isRight, case .refused(let codes) = actor.standing, !codes.contains(reply.code ?? "") {
            blame("was refused for another reason than \(codes.sorted())", subjects, reply)
        }
        if isDone { succeeded[kind, default: 0] += 1 } else { refused += 1 }
        return isDone
    }

    /// Records what is wrong, with the last steps that had to do with it.
    mutating func blame(_ what: String, _ subjects: Set<String>, _ reply: Reply) {
        guard fault == nil else { return }
        let story = trail.filter { !$0.subjects.isDisjoint(with: subjects) }.suffix(25).map(\.line).joined(separator: "\n")
        let last = trail.last?.line ?? ""
        fault =
            "seed \(seed), step \(stepNumber): it \(what):\n\(last)\n\(String(decoding: reply.bytes.prefix(600), as: UTF8.self))\nBefore:\n\(story)"
    }

    mutating func note(_ line: String, _ subjects: Set<String>) { trail.append((subjects, "\(stepNumber): \(line)")) }

    mutating func count(_ kind: String) { succeeded[kind, default: 0] += 1 }

    func name(_ id: String) -> String { names[id] ?? id }

    mutating func addToken(_ id: String) {
        names[id] = "token\(tokenIDs.count)"
        tokenIDs.append(id)
    }

    mutating func addAccount(_ id: String) {
        names[id] = "account\(accountIDs.count)"
        accountIDs.append(id)
    }

    private func describe(_ actor: Actor) -> String {
        switch actor.credential {
        case .session(let person, let tenant, _): "session of \(name(person)) in \(name(tenant)), \(describe(actor.standing))"
        case .token(let id, let secret):
            "secret \(secret) of \(name(id)) of \(model.tokens[id].map { name($0.owner.id) } ?? "") \(model.tokens[id]?.breadth.scopes ?? []) "
                + "from \(actor.address ?? "-"), \(describe(actor.standing))"
        }
    }

    private func describe(_ standing: EscalationModel.Standing) -> String {
        switch standing {
        case .alive(let power): "\(power.role)\(power.isOldSecret ? ", old secret" : "")"
        case .refused(let codes): "dead \(codes.sorted())"
        }
    }

    // MARK: Time

    /// Lets days pass for a token: its creation, its end, its latest use and its overlap move back.
    private mutating func age() async throws {
        guard let id = pick(tokenIDs), model.tokens[id]?.isEnded == false, pendingUses[id].map({ isLongAgo($0.step) }) ?? true else { return }
        let days = pick([1, 2, 3, 5, 6, 20]) ?? 1
        try await settle(id)
        let span: SQL = "make_interval(hours => \(Int32(24 * days)))"
        for statement: SQL in [
            "UPDATE tessera.api_tokens SET created_at = created_at - \(span), expires_at = expires_at - \(span) WHERE id = \(id)::text::uuid",
            "UPDATE tessera.token_activity SET last_used_at = last_used_at - \(span) WHERE token_id = \(id)::text::uuid",
            "UPDATE tessera.token_secrets SET replaced_at = replaced_at - \(span), good_until = good_until - \(span) WHERE token_id = \(id)::text::uuid",
        ] { _ = try await connection.query(statement) }
        model.age(id, days: days)
        note("\(name(id)) grows older by \(days) days", [id])
        count("age")
    }

    /// So many steps that what follows from one has mostly happened.
    func isLongAgo(_ step: Int) -> Bool { stepNumber - step > 60 }

    /// Waits until the uses of a token are stored, which happens a moment after them.
    private mutating func settle(_ id: String) async throws {
        guard let use = pendingUses.removeValue(forKey: id) else { return }
        let connection = connection
        try await eventually("the use of a token is stored") {
            let latest = try await connection.query("SELECT last_used_at FROM tessera.token_activity WHERE token_id = \(id)::text::uuid")
                .decode(Date.self).first
            return latest.map { $0 > use.at.addingTimeInterval(-0.001) } ?? false
        }
    }

    /// Before a token is judged that may look idle for as long as its latest use isn't stored.
    mutating func settleIfItMatters(_ id: String) async throws {
        guard let use = pendingUses[id], let tenant = model.tokens[id]?.tenant, let most = model.policies[tenant]?.idleDays, use.idle >= most else {
            return
        }
        try await settle(id)
    }

    // MARK: Chance

    mutating func draw(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

    mutating func pick<Value>(_ values: [Value]) -> Value? { values.randomElement(using: &random) }

    /// Nothing twice.
    mutating func some<Value: Hashable>(_ values: [Value], _ most: Int) -> [Value] {
        var chosen: [Value] = []
        for _ in 0..<(1 + draw(most)) {
            if let value = pick(values), !chosen.contains(value) { chosen.append(value) }
        }
        return chosen
    }
}

/// A small generator with a seed, so that a walk can be taken again (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators).
struct Splittable: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
