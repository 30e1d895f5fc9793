import Domain
import Foundation
import Postgres
import Support

/// The sessions that were begun, living and ended.
struct EscalationSessions {
    /// The latest refresh token, by person.
    var refresh: [String: String] = [:]
    /// The latest access token, by person and tenant, with the generation of sessions that it is of.
    var access: [String: (text: String, generation: Int)] = [:]
    /// The access token of a person who is in no tenant, with the generation of sessions that it is of.
    var outside: [String: (text: String, generation: Int)] = [:]
    /// Those whose session has ended.
    var ended: [(person: String, tenant: String, text: String, generation: Int)] = []
    /// The generation of the refresh token, by person.
    var generation: [String: Int] = [:]
}

extension EscalationWalk {
    /// Who tries something, by what, and what that is worth.
    struct Actor {
        let credential: EscalationModel.Credential
        let text: String
        /// nil: the address of the test itself.
        let address: String?
        let standing: EscalationModel.Standing

        /// nil: the credential is dead.
        var power: EscalationModel.Power? { if case .alive(let power) = standing { power } else { nil } }

        /// The person or the token.
        var subject: String {
            switch credential {
            case .session(let person, _, _): person
            case .token(let id, _): id
            }
        }
    }

    static let password = "correct horse battery"

    /// Anybody, or as often somebody who may do such a thing at all.
    mutating func actor(for kind: String) async throws -> Actor? {
        var actor = try await actor()
        if draw(2) == 0 { return actor }
        for _ in 0..<10 where !(actor?.power.map { Self.isFit($0, for: kind) } ?? false) { actor = try await self.actor() }
        return actor
    }

    private static func isFit(_ power: EscalationModel.Power, for kind: String) -> Bool {
        switch kind {
        case "invite", "makeAccount": power.isSession && power.role >= .admin
        case "makeAccountToken": power.permissions.isSuperset(of: ["service-accounts:write", "tokens:write"])
        case "change": power.permissions.contains("tenant-tokens:write")
        case "withdraw", "role", "remove": power.permissions.contains("members:write")
        case "changeAccount": !power.isSession && power.permissions.contains("service-accounts:write")
        case "deleteAccount": power.permissions.contains("service-accounts:write")
        case "rotate", "finish", "leave": power.isSession
        case "rotateItself": power.token?.breadth.scopes.contains("self:rotate") ?? false
        case "endItself": !power.isSession
        case "administer": power.token?.breadth.scopes.contains("admin") ?? false
        case "policy": power.isSession && power.role == .owner
        case "introspect": power.permissions.contains("introspect")
        default: true
        }
    }

    /// Somebody's session in a tenant they are or were in, or any token: mostly ones that live.
    private mutating func actor() async throws -> Actor? {
        if draw(2) == 0, !tokenIDs.isEmpty {
            var actor = tokenActor()
            for _ in 0..<(draw(4) == 0 ? 0 : 8) where actor?.power == nil { actor = tokenActor() }
            guard let actor else { return nil }
            try await settleIfItMatters(actor.subject)
            return actor
        }
        return try await sessionActor()
    }

    private mutating func tokenActor() -> Actor? {
        guard let id = pick(tokenIDs), let token = model.tokens[id] else { return nil }
        // Mostly the current secret; the latest of the replaced ones else.
        let secret = token.secrets.count > 1 && draw(4) == 0 ? token.secrets.count - 2 : token.secrets.count - 1
        let address = address(for: token)
        let credential = EscalationModel.Credential.token(id, secret: secret)
        return Actor(
            credential: credential, text: token.secrets[secret].text, address: address, standing: model.standing(credential, from: address))
    }

    /// Mostly one that the token may be used from.
    mutating func address(for token: EscalationModel.Token) -> String? {
        let networks = token.breadth.networks
        let outer = model.policies[token.tenant]?.networks ?? []
        let good = EscalationBreadth.allAddresses.filter { EscalationBreadth.allow(networks, $0) && EscalationBreadth.allow(outer, $0) }
        if draw(6) > 0, let address = pick(good) { return address }
        return draw(5) == 0 ? nil : pick(EscalationBreadth.allAddresses)
    }

    private mutating func sessionActor() async throws -> Actor? {
        if draw(15) == 0, let old = pick(sessions.ended) { return actor(old.person, old.tenant, old.text, old.generation) }
        guard let tenant = pick(tenants) else { return nil }
        // Mostly somebody who is in.
        let inside = people.filter { model.members[tenant]?[$0.user] != nil && !model.disabled.contains($0.user) }
        guard let person = pick(draw(8) == 0 || inside.isEmpty ? people : inside) else { return nil }
        if sessions.access[person.user + tenant] == nil { _ = try await enter(person, tenant) }
        guard let access = sessions.access[person.user + tenant] else { return nil }
        return actor(person.user, tenant, access.text, access.generation)
    }

    private mutating func actor(_ person: String, _ tenant: String, _ text: String, _ generation: Int) -> Actor {
        let address = draw(3) == 0 ? nil : pick(EscalationBreadth.allAddresses)
        let credential = EscalationModel.Credential.session(person: person, tenant: tenant, generation: generation)
        return Actor(credential: credential, text: text, address: address, standing: model.standing(credential, from: address))
    }

    var rootActor: Actor {
        let credential = EscalationModel.Credential.session(person: root.user, tenant: root.tenant, generation: 0)
        return Actor(credential: credential, text: root.accessToken, address: nil, standing: .refused([]))
    }

    /// Switches a person's session to a tenant, if they are in: nil otherwise.
    private mutating func enter(_ person: Account, _ tenant: String) async throws -> Reply? {
        guard !model.disabled.contains(person.user), model.members[tenant]?[person.user] != nil else { return nil }
        try await logInAgain(person)
        return try await refresh(person, tenant)
    }

    private mutating func refresh(_ person: Account, _ tenant: String) async throws -> Reply {
        let token = sessions.refresh[person.user] ?? ""
        let reply = try await api.post("/api/v1/auth/refresh", #"{"refreshToken":"\#(token)","tenant":"\#(tenant)"}"#)
        if reply.status == 200 {
            sessions.refresh[person.user] = reply.body.refreshToken.string
            sessions.access[person.user + tenant] = (try reply.accessToken, sessions.generation[person.user, default: 0])
        }
        return reply
    }

    /// After somebody was disabled their sessions stay ended.
    @discardableResult
    private mutating func logInAgain(_ person: Account) async throws -> String? {
        let generation = model.generations[person.user, default: 0]
        guard sessions.generation[person.user, default: 0] != generation else { return nil }
        let reply = try await api.post("/api/v1/auth/login", #"{"email":"\#(person.email)","password":"\#(Self.password)"}"#)
        sessions.refresh[person.user] = reply.body.refreshToken.string
        sessions.generation[person.user] = generation
        if model.stale.contains(person.user) { try await makeStale() }
        return try reply.accessToken
    }

    /// Some people's passwords were given an hour ago.
    func makeStale() async throws {
        for person in model.stale {
            _ = try await connection.query(
                "UPDATE tessera.sessions SET auth_time = now() - interval '1 hour' WHERE user_id = \(person)::text::uuid")
        }
    }

    /// Tries to switch to any tenant, also one that the person isn't in.
    mutating func enterSomewhere() async throws {
        guard let person = pick(people), let tenant = pick(tenants) else { return }
        let generation = sessions.generation[person.user, default: 0]
        let isRight = model.isLive(person.user, generation) && model.members[tenant]?[person.user] != nil
        let reply = try await refresh(person, tenant)
        let credential = EscalationModel.Credential.session(person: person.user, tenant: tenant, generation: generation)
        let actor = Actor(credential: credential, text: "", address: nil, standing: .refused(["invalid_token"]))
        _ = judge("enter", actor, isRight, reply, "", tenant)
    }

    /// A session of the person, wherever they are.
    mutating func anySession(of person: Account) async throws -> String? {
        if model.disabled.contains(person.user) { return sessions.ended.last { $0.person == person.user }?.text }
        for tenant in tenants where model.members[tenant]?[person.user] != nil {
            if let access = sessions.access[person.user + tenant] { return access.text }
            return try await enter(person, tenant)?.accessToken
        }
        try await logInAgain(person)
        if !tenants.contains(person.tenant) {
            if let access = sessions.access[person.user + person.tenant] { return access.text }
            return try await refresh(person, person.tenant).accessToken
        }
        // Who owned one of the two and is in neither now is in none at all.
        let generation = sessions.generation[person.user, default: 0]
        if let access = sessions.outside[person.user], access.generation == generation { return access.text }
        let reply = try await api.post("/api/v1/auth/login", #"{"email":"\#(person.email)","password":"\#(Self.password)"}"#)
        sessions.outside[person.user] = (try reply.accessToken, generation)
        return try reply.accessToken
    }

    /// What follows for the sessions of somebody who was disabled.
    mutating func endSessions(of person: String) {
        for tenant in tenants {
            guard let access = sessions.access.removeValue(forKey: person + tenant) else { continue }
            sessions.ended.append((person, tenant, access.text, access.generation))
        }
        if let account = people.first(where: { $0.user == person }) { sessions.access[person + account.tenant] = nil }
        if sessions.ended.count > 20 { sessions.ended.removeFirst() }
    }
}
