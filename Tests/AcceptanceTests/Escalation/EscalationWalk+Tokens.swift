import Domain
import Foundation

/// Tokens that are made, changed, rotated and ended.
extension EscalationWalk {
    private static let scopes = [
        "read", "write", "admin", "admin", "members:write", "service-accounts:write", "tokens:write", "tenant-tokens:write", "tenant-tokens:read",
        "data:read",
        "introspect", "app:billing", "app:files", "self:rotate",
    ]

    private static let rates: [EscalationBreadth.Rate?] = [
        nil, .init(requests: 100_000, seconds: 60), .init(requests: 200_000, seconds: 60), .init(requests: 200_000, seconds: 600),
    ]

    // MARK: Made and changed

    mutating func make(_ kind: String, _ actor: Actor) async throws {
        var account = kind == "makeAccountToken" ? recipient(near: actor) : nil
        if kind == "makeAccountToken", account == nil { return }
        // An owner that somebody else is, in a member that there isn't.
        let stranger = draw(25) == 0 ? pick(people)?.user : nil
        if stranger != nil { account = nil }
        var breadth = EscalationBreadth(scopes: draw(10) == 0 ? ["read"] : some(Self.scopes, 2), end: end(actor))
        // What is made by a token that is bound is mostly bound like it.
        if let maker = actor.power?.token, draw(3) > 0 {
            if draw(3) > 0 { breadth.scopes = [pick(maker.breadth.scopes) ?? "read"] }
            breadth.networks = maker.breadth.networks
            breadth.rate = maker.breadth.rate
        } else {
            breadth.networks = networks()
            breadth.rate = draw(4) == 0 ? pick(Self.rates) ?? nil : nil
        }
        if draw(4) == 0, !breadth.scopes.contains("self:rotate") { breadth.scopes.append("self:rotate") }
        let isRight = actor.power.map { model.mayMake($0, for: account, breadth) } ?? false
        counter += 1
        var members = [#""name":"t\#(counter)""#] + members(of: .init(scopes: breadth.scopes, networks: breadth.networks, rate: breadth.rate))
        if let end = breadth.end { members.append(#""expiresAt":"\#(time(end))""#) }
        if let account { members.append(#""serviceAccountId":"\#(account)""#) }
        if let stranger { members.append(#""\#(pick(["ownerId", "userId", "user", "owner"]) ?? "ownerId")":"\#(stranger)""#) }
        let reply = try await ask(actor, "POST", "/api/v1/tokens", "{\(members.joined(separator: ","))}")
        let isDone = judge(kind, actor, isRight && stranger == nil, reply, members.joined(separator: " "), account, stranger, reply.body.id.string)
        guard isDone, let power = actor.power, let id = reply.body.id.string, let secret = reply.body.token.string else { return }
        addToken(id)
        model.tokens[id] = .init(
            tenant: power.tenant, owner: account.map { .account($0) } ?? power.owner, breadth: breadth,
            secrets: [.init(text: secret, state: .current)])
        check(id, reply.body, reply)
    }

    mutating func change(_ actor: Actor) async throws {
        let asleep = draw(5) == 0 ? pick(tokenIDs.filter { model.tokens[$0].map { !$0.isActive && !$0.isEnded } ?? false }) : nil
        guard let id = asleep ?? target(actor), let token = model.tokens[id] else { return }
        var change = EscalationModel.Change()
        if draw(3) == 0 { change.isActive = draw(3) > 0 }
        if draw(3) == 0 { change.scopes = some(Self.scopes, 2) }
        if draw(3) == 0 { change.end = .some(end(actor)) }
        if draw(4) == 0 { change.networks = networks() }
        if draw(4) == 0 { change.rate = .some(pick(Self.rates) ?? nil) }
        // One at a time tells more of each.
        if draw(3) > 0 { change = narrower(token, change) }
        if asleep != nil, draw(3) > 0 { change = .init(isActive: true) }
        let isRight = actor.power.map { model.mayChange($0, id, change) } ?? false
        let members = members(of: change)
        if members.isEmpty { return }
        let reply = try await ask(actor, "PATCH", "/api/v1/tokens/\(id)", "{\(members.joined(separator: ","))}")
        guard judge("change", actor, isRight, reply, members.joined(separator: " "), id) else { return }
        model.tokens[id]?.breadth = change.applied(to: token.breadth)
        if let isActive = change.isActive { model.tokens[id]?.isActive = isActive }
        check(id, reply.body, reply)
    }

    /// Mostly an account that there still is in the same tenant.
    mutating func recipient(near actor: Actor) -> String? {
        let near = accountIDs.filter { model.accounts[$0]?.tenant == actor.power?.tenant }
        return pick(near.isEmpty || draw(5) == 0 ? accountIDs : near)
    }

    /// Only one of the members that `change` sets, and now and then one that is certainly narrower.
    private mutating func narrower(_ token: EscalationModel.Token, _ change: EscalationModel.Change) -> EscalationModel.Change {
        var one = EscalationModel.Change()
        switch draw(6) {
        case 0: one.isActive = change.isActive ?? !token.isActive
        case 1: one.scopes = change.scopes ?? token.breadth.scopes
        case 2: one.scopes = [pick(token.breadth.scopes) ?? "read"]
        case 3: one.end = .some(change.end ?? token.breadth.end.map { max(0, $0 - 1) } ?? 30)
        case 4: one.networks = change.networks ?? (token.breadth.networks.isEmpty ? ["203.0.0.0/16"] : token.breadth.networks)
        default: one.rate = change.rate ?? .some(.init(requests: 100_000, seconds: 600))
        }
        return one
    }

    /// Days to the end, mostly within what the maker has.
    private mutating func end(_ actor: Actor) -> Int? {
        if let maker = actor.power?.token, draw(3) > 0 { return maker.breadth.end.map { draw(4) == 0 ? $0 : max(0, $0 - draw(3)) } ?? draw(60) }
        switch draw(8) {
        case 0: return nil
        case 1: return -1
        case 2: return draw(3)
        default: return draw(60)
        }
    }

    private mutating func networks() -> [String] { draw(3) == 0 ? some(EscalationBreadth.allNetworks, 2) : [] }

    /// Mostly one of the same tenant, often the actor's own.
    mutating func target(_ actor: Actor) -> String? {
        guard let power = actor.power, draw(10) > 0 else { return pick(tokenIDs) }
        let wantsAccounts = power.isSession && draw(4) == 0
        let wantsOwn = draw(3) > 0
        for _ in 0..<40 {
            guard let id = pick(tokenIDs), let token = model.tokens[id], token.tenant == power.tenant, !token.isEnded else { continue }
            if wantsAccounts {
                if case .account = token.owner { return id }
            } else if !wantsOwn || token.owner == power.owner {
                return id
            }
        }
        return pick(tokenIDs)
    }

    private func members(of change: EscalationModel.Change) -> [String] {
        var members: [String] = []
        if let isActive = change.isActive { members.append(#""isActive":\#(isActive)"#) }
        if let scopes = change.scopes { members.append(#""scopes":[\#(quoted(scopes))]"#) }
        if let end = change.end { members.append(#""expiresAt":\#(end.map { #""\#(time($0))""# } ?? "null")"#) }
        if let networks = change.networks { members.append(#""allowedCidrs":[\#(quoted(networks))]"#) }
        if let rate = change.rate {
            members.append(#""rateLimit":\#(rate.map { #"{"requests":\#($0.requests),"windowSeconds":\#($0.seconds)}"# } ?? "null")"#)
        }
        return members
    }

    func quoted(_ texts: [String]) -> String { texts.map { "\"\($0)\"" }.joined(separator: ",") }

    func time(_ day: Int) -> String { RFC3339.format(noon.addingTimeInterval(Double(day) * 86_400)) }

    /// Whether a token is shown as what was granted.
    mutating func check(_ id: String, _ body: JSON, _ reply: Reply) {
        guard let token = model.tokens[id] else { return blame("showed a token that nobody made", [id], reply) }
        let rate =
            body.rateLimit.isNull
            ? nil
            : EscalationBreadth.Rate(
                requests: body.rateLimit.requests.int ?? 0, seconds: body.rateLimit.windowSeconds.int ?? 0)
        let isAlike =
            Set(body.scopes.array.compactMap(\.string)) == Set(token.breadth.scopes)
            && body.expiresAt.string.flatMap { RFC3339.dateTime($0) } == token.breadth.end.map { noon.addingTimeInterval(Double($0) * 86_400) }
            && Set(body.allowedCidrs.array.compactMap(\.string)) == Set(token.breadth.networks) && rate == token.breadth.rate
            && body.owner.id.string == token.owner.id && body.status.string == model.status(of: token)
        if !isAlike { blame("showed something else than \(token.breadth), \(model.status(of: token))", [id], reply) }
    }

    // MARK: Other secrets

    mutating func rotate(_ kind: String, _ actor: Actor) async throws {
        let overlaps = draw(2) == 0
        let body = #"{"overlapSeconds":\#(overlaps ? 3600 : 0)}"#
        if kind == "rotateItself" {
            let isRight = actor.power.map { model.mayRotateItself($0) } ?? false
            let reply = try await ask(actor, "POST", "/api/v1/tokens/self/rotate", body)
            guard judge(kind, actor, isRight, reply, body), let id = actor.power?.tokenID else { return }
            return renew(id, reply, overlaps)
        }
        // What is just being rotated is what can be finished.
        guard let id = kind == "finish" ? rotating(actor) : target(actor) else { return }
        if kind == "finish" {
            let isRight = actor.power.map { model.mayRenew($0, id) } ?? false
            let reply = try await ask(actor, "POST", "/api/v1/tokens/\(id)/rotate/finish")
            if judge(kind, actor, isRight, reply, "", id) { model.endOverlap(of: id) }
            return
        }
        let isRight = actor.power.map { model.mayRotate($0, id) } ?? false
        let reply = try await ask(actor, "POST", "/api/v1/tokens/\(id)/rotate", body)
        if judge(kind, actor, isRight, reply, body, id) { renew(id, reply, overlaps) }
    }

    /// Mostly one that the actor may finish.
    private mutating func rotating(_ actor: Actor) -> String? {
        let all = tokenIDs.filter { model.tokens[$0]?.isRotating == true }
        guard let power = actor.power, draw(4) > 0 else { return pick(all) }
        return pick(all.filter { model.mayRenew(power, $0) }) ?? pick(all)
    }

    private mutating func renew(_ id: String, _ reply: Reply, _ overlaps: Bool) {
        model.rotate(id, to: reply.body.token.string ?? "", overlaps: overlaps)
        check(id, reply.body, reply)
    }

    // MARK: Ends

    mutating func end(_ kind: String, _ actor: Actor) async throws {
        if kind == "bulk" { return try await endMany(actor) }
        if kind == "endItself" {
            let isRight = actor.power.map { !$0.isSession && !$0.isOldSecret } ?? false
            let reply = try await ask(actor, "DELETE", "/api/v1/tokens/self")
            if judge(kind, actor, isRight, reply, ""), let id = actor.power?.tokenID { model.tokens[id]?.isRevoked = true }
            return
        }
        guard let id = target(actor) else { return }
        let isRight = actor.power.map { model.mayEnd($0, id) } ?? false
        if kind == "revoke" {
            let reply = try await ask(actor, "POST", "/api/v1/tokens/\(id)/revoke")
            if judge(kind, actor, isRight, reply, "", id) { model.tokens[id]?.isRevoked = true }
        } else {
            let reply = try await ask(actor, "DELETE", "/api/v1/tokens/\(id)")
            if judge(kind, actor, isRight, reply, "", id) { model.tokens[id]?.isDeleted = true }
        }
    }

    /// One's own, somebody's or all of them: a few at a time end, more are only counted.
    private mutating func endMany(_ actor: Actor) async throws {
        guard let person = pick(people), let first = target(actor), let second = pick(tokenIDs) else { return }
        let account = pick(accountIDs)
        let way = draw(4)
        var filter = way == 0 || draw(2) == 0 ? [#""ids":[\#(quoted(Array(Set([first, second])).sorted()))]"#] : []
        var owner = actor.power?.owner
        var isOthers = false
        switch way {
        case 1: (owner, isOthers) = (nil, true)
        case 2:
            owner = .person(person.user)
            isOthers = actor.power?.owner != owner
            filter.append(#""ownerId":"\#(person.user)""#)
        case 3:
            guard let account else { return }
            owner = .account(account)
            isOthers = actor.power?.owner != owner
            filter.append(#""serviceAccountId":"\#(account)""#)
        default: break
        }
        if owner == nil { filter.append(#""all":true"#) }
        let hasIDs = filter[0].contains("ids")
        let tenant = actor.power?.tenant ?? ""
        let matched = model.listed(in: tenant, of: owner).filter { model.tokens[$0]?.isRevoked == false && (!hasIDs || $0 == first || $0 == second) }
        let isReal = hasIDs && draw(2) == 0
        let isRight =
            actor.power.map {
                $0.permissions.contains("tokens:write") && !$0.isOldSecret && (!isOthers || $0.permissions.contains("tenant-tokens:write"))
            } ?? false
        let body = #"{"filter":{\#(filter.joined(separator: ","))},"dryRun":\#(!isReal),"expectedCount":\#(matched.count)}"#
        let reply = try await ask(actor, "POST", "/api/v1/tokens/revoke", body)
        guard judge("bulk", actor, isRight, reply, body, first, second, owner?.id) else { return }
        if reply.body.matched.int != matched.count { blame("matched others than \(matched.count)", [first, second], reply) }
        if isReal { for id in matched { model.tokens[id]?.isRevoked = true } }
    }
}
