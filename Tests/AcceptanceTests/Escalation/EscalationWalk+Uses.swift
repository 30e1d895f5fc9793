import Domain
import Foundation

/// What credentials are used for: each answer tells what they may at this moment.
extension EscalationWalk {
    mutating func use(_ kind: String, _ actor: Actor) async throws {
        switch kind {
        case "me": try await lookAtOneself(actor)
        case "authorize": try await authorize(actor)
        case "introspect": try await introspect(actor)
        case "list": try await list(actor)
        default: try await look(actor)
        }
    }

    /// Alive, and neither more nor less than granted.
    private mutating func lookAtOneself(_ actor: Actor) async throws {
        let reply = try await ask(actor, "GET", "/api/v1/me")
        guard judge("me", actor, actor.power != nil, reply, ""), let power = actor.power else { return }
        let found = Set(reply.body.permissions.array.compactMap(\.string))
        if found != power.permissions { blame("has other permissions than \(power.permissions.sorted())", [actor.subject], reply) }
        let mayAdminister = model.isPlatformAdmin(actor.credential)
        if reply.body.tenant.id.string != power.tenant || reply.body.id.string != power.owner.id || reply.body.role.string != power.role.rawValue
            || reply.body.isPlatformAdmin.bool != mayAdminister
        {
            blame("is somebody else", [actor.subject], reply)
        }
    }

    private mutating func authorize(_ actor: Actor) async throws {
        let method = draw(2) == 0 ? "GET" : "POST"
        let names = draw(2) == 0 ? ["read", "write", "admin", "data:write", "members:read", "app:billing", "self:rotate"] : nil
        // Often what the token carries, which may have been taken from it.
        let wanted = draw(2) == 0 ? some(names ?? actor.power?.token?.breadth.scopes ?? [], 2) : []
        let isRight =
            actor.power.map { power in
                if wanted.isEmpty { return power.permissions.contains(method == "GET" ? "data:read" : "data:write") }
                guard EscalationRights.fit(wanted, power.role) else { return false }
                return power.isSession
                    || EscalationRights.permissions(impliedBy: wanted).isSubset(of: power.permissions)
                        && EscalationRights.specials(wanted).isSubset(of: model.specials(of: power))
            } ?? false
        let query = wanted.isEmpty ? "" : "?scope=\(wanted.joined(separator: "%20"))"
        let reply = try await ask(actor, method, "/api/v1/authorize/files\(query)")
        guard judge("authorize", actor, isRight, reply, method + query), let power = actor.power else { return }
        if reply.header("X-Tessera-Tenant") != power.tenant || reply.header("X-Tessera-User") != power.owner.id
            || reply.header("X-Tessera-Role") != power.role.rawValue || reply.header("X-Tessera-Token-Id") != power.tokenID ?? "-"
        {
            blame("spoke for somebody else", [actor.subject], reply)
        }
        if !power.isSession { check(reply.header("X-Tessera-Scopes") ?? "", power, reply) }
    }

    /// Whether scopes are worth as much as the model says.
    private mutating func check(_ scopes: String, _ power: EscalationModel.Power, _ reply: Reply) {
        let names = scopes.split(separator: " ").map(String.init).filter { $0 != "-" }
        if EscalationRights.permissions(impliedBy: names) != power.permissions || EscalationRights.specials(names) != model.specials(of: power) {
            blame(
                "reported «\(scopes)» instead of \(power.permissions.sorted()) and \(model.specials(of: power).sorted())",
                Set([power.tokenID].compactMap(\.self)), reply)
        }
    }

    /// Asks what any secret is worth, used from any address.
    private mutating func introspect(_ actor: Actor) async throws {
        guard let id = draw(3) == 0 ? pick(tokenIDs) : target(actor), let token = model.tokens[id] else { return }
        try await settleIfItMatters(id)
        let secret = draw(3) == 0 ? draw(token.secrets.count) : token.secrets.count - 1
        let address = address(for: token)
        let asked = draw(20) == 0 ? rootActor.text : token.secrets[secret].text
        let isRight = actor.power.map { $0.permissions.contains("introspect") } ?? false
        let form = "token=\(asked)" + (address.map { "&client_ip=\($0.replacing(":", with: "%3A"))" } ?? "")
        let reply = try await ask(actor, "POST", "/api/v1/introspect", form, form: true)
        // The asking token may be the one that is asked about.
        let standing = model.standing(.token(id, secret: secret), from: address)
        guard judge("introspect", actor, isRight, reply, "of secret \(secret) from \(address ?? "-")", id) else { return }
        guard case .alive(let power) = standing, asked == token.secrets[secret].text, token.tenant == actor.power?.tenant else {
            if String(decoding: reply.bytes, as: UTF8.self) != #"{"active":false}"# { blame("called good what isn't", [id], reply) }
            return
        }
        let end = token.breadth.end.map { Int(noon.timeIntervalSince1970) + $0 * 86_400 }
        if reply.body.active.bool != true || reply.body.sub.string != token.owner.id || reply.body.jti.string != id || reply.body.exp.int != end {
            return blame("told something else of it than there is", [id], reply)
        }
        check(reply.body.scope.string ?? "", power, reply)
    }

    /// One's own tokens, a service account's, or everybody's.
    private mutating func list(_ actor: Actor) async throws {
        let account = draw(3) == 0 ? pick(accountIDs) : nil
        let all = account == nil && draw(2) == 0
        let owner = account.map { EscalationModel.Owner.account($0) } ?? (all ? nil : actor.power?.owner)
        let isRight =
            actor.power.map {
                $0.permissions.contains("tokens:read") && !$0.isOldSecret && (owner == $0.owner || $0.permissions.contains("tenant-tokens:read"))
            } ?? false
        let query = account.map { "serviceAccountId=\($0)" } ?? "all=\(all)"
        let reply = try await ask(actor, "GET", "/api/v1/tokens?limit=20&\(query)")
        guard judge("list", actor, isRight, reply, query, account), let power = actor.power else { return }
        let expected = model.listed(in: power.tenant, of: owner)
        if reply.body.pagination.total.int != expected.count { blame("listed others than the \(expected.count)", [actor.subject], reply) }
        for item in reply.body.tokens.array {
            guard let id = item.id.string, expected.contains(id) else { return blame("listed what isn't to be seen", [actor.subject], reply) }
            check(id, item, reply)
        }
    }

    /// One token: itself, its usage, its history; a replaced secret sees none of them.
    private mutating func look(_ actor: Actor) async throws {
        guard let id = target(actor) else { return }
        switch draw(4) {
        case 0:
            let isRight = actor.power.map { !$0.isSession && !$0.isOldSecret } ?? false
            let reply = try await ask(actor, "GET", "/api/v1/tokens/self")
            if judge("look", actor, isRight, reply, "itself") { check(actor.subject, reply.body, reply) }
        case 1:
            let isRight = actor.power.map { model.maySee($0, id, "usage:read", deletedToo: true) } ?? false
            let reply = try await ask(actor, "GET", "/api/v1/tokens/\(id)/usage?limit=1")
            _ = judge("look", actor, isRight, reply, "usage", id)
        case 2:
            let isRight = actor.power.map { model.maySee($0, id, "tokens:read", deletedToo: true) } ?? false
            let reply = try await ask(actor, "GET", "/api/v1/tokens/\(id)/events?limit=1")
            _ = judge("look", actor, isRight, reply, "events", id)
        default:
            let isRight = actor.power.map { model.maySee($0, id, "tokens:read", deletedToo: false) } ?? false
            let reply = try await ask(actor, "GET", "/api/v1/tokens/\(id)")
            if judge("look", actor, isRight, reply, "", id) { check(id, reply.body, reply) }
        }
    }
}
