import Domain
import Foundation
import Support

/// Members, invitations and service accounts.
extension EscalationWalk {
    mutating func stepOnPeople(_ kind: String, _ actor: Actor) async throws {
        let person = pick(people) ?? people[0]
        let role = pick(Role.allCases) ?? .viewer
        let tenant = actor.power?.tenant ?? ""
        switch kind {
        case "invite":
            let isRight = actor.power.map { model.mayInvite($0, person.user, person.email, to: role) } ?? false
            let reply = try await ask(actor, "POST", "/api/v1/invitations", #"{"email":"\#(person.email)","role":"\#(role)"}"#)
            guard judge(kind, actor, isRight, reply, "as \(role)", person.user) else { return }
            let invitee = EscalationModel.Invitee(tenant: tenant, email: person.email)
            model.invitations[invitee] = .init(id: reply.body.id.string ?? "", role: role, inviter: actor.subject, step: stepNumber)
            invitees = invitees.filter { $0 != invitee } + [invitee]
        case "withdraw":
            // Mostly of the own tenant.
            let open = invitees.filter { model.invitations[$0] != nil }
            let near = open.filter { $0.tenant == tenant }
            guard let invitee = pick(near.isEmpty || draw(4) == 0 ? open : near), let invitation = model.invitations[invitee] else { return }
            let isRight = actor.power.map { model.mayWithdraw($0, (invitee, invitation.role)) } ?? false
            let reply = try await ask(actor, "DELETE", "/api/v1/invitations/\(invitation.id)")
            if judge(kind, actor, isRight, reply, "of \(invitee.email)", invitee.tenant) { model.invitations[invitee] = nil }
        case "role":
            let isRight = actor.power.map { model.maySetRole($0, of: person.user, to: role) } ?? false
            let reply = try await ask(actor, "PATCH", "/api/v1/members/\(person.user)", #"{"role":"\#(role)"}"#)
            if judge(kind, actor, isRight, reply, "\(role) of", person.user) { model.setRole(of: person.user, to: role, in: tenant) }
        default:
            let target = kind == "leave" ? actor.power?.owner : .person(person.user)
            guard case .person(let user) = target else { return }
            let isRight = actor.power.map { model.mayRemove($0, user) } ?? false
            let reply = try await ask(actor, "DELETE", "/api/v1/members/\(kind == "leave" ? "me" : user)")
            if judge(kind, actor, isRight, reply, "", user) { model.remove(user, from: tenant) }
        }
    }

    mutating func stepOnAccount(_ kind: String, _ actor: Actor) async throws {
        let role = pick(Role.allCases) ?? .viewer
        if kind == "makeAccount" {
            let isRight = actor.power.map { model.mayMakeAccount($0, role) } ?? false
            counter += 1
            let reply = try await ask(actor, "POST", "/api/v1/service-accounts", #"{"name":"a\#(counter)","role":"\#(role)"}"#)
            guard judge(kind, actor, isRight, reply, "\(role)"), let id = reply.body.id.string, let power = actor.power else { return }
            addAccount(id)
            model.accounts[id] = .init(tenant: power.tenant, role: role, isActive: true)
            return
        }
        guard let id = recipient(near: actor) else { return }
        let path = "/api/v1/service-accounts/\(id)"
        if kind == "deleteAccount" {
            let isRight = actor.power.map { model.reachable(id, $0) != nil } ?? false
            let reply = try await ask(actor, "DELETE", path)
            if judge(kind, actor, isRight, reply, "", id) { model.deleteAccount(id) }
            return
        }
        let newRole = draw(2) == 0 ? role : nil
        let isActive = newRole == nil || draw(3) == 0 ? draw(3) > 0 : nil
        let members = [newRole.map { #""role":"\#($0)""# }, isActive.map { #""status":"\#($0 ? "active" : "disabled")""# }].compactMap(\.self)
        let isRight = actor.power.map { model.mayChangeAccount($0, id, role: newRole, isActive: isActive) } ?? false
        let reply = try await ask(actor, "PATCH", path, "{\(members.joined(separator: ","))}")
        guard judge(kind, actor, isRight, reply, members.joined(separator: " "), id) else { return }
        if let newRole { model.accounts[id]?.role = newRole }
        if let isActive { model.accounts[id]?.isActive = isActive }
    }

    /// Whoever is invited comes in by the mail and a session of their own; others with the mail don't.
    mutating func accept() async throws {
        let open = invitees.filter { invitee in model.invitations[invitee].map { isLongAgo($0.step) } ?? false }
        guard let invitee = pick(open.isEmpty || draw(5) == 0 ? invitees : open), let person = people.first(where: { $0.email == invitee.email }),
            let other = pick(people)
        else { return }
        let guest = draw(6) == 0 ? other : person
        guard let text = try await anySession(of: guest) else { return }
        let granted = model.invitations[invitee]
        if let granted, !isLongAgo(granted.step) { return }
        let isOpen = granted != nil && !model.suspended.contains(invitee.tenant)
        guard let secret = isOpen ? try await mails.goodSecret(for: invitee, api) : try mails.lastSecret(for: invitee, api) else { return }
        let isRight = isOpen && guest.user == person.user && !model.disabled.contains(guest.user)
        let reply = try await api.post("/api/v1/invitations/accept", #"{"secret":"\#(secret)"}"#, as: text)
        let credential = EscalationModel.Credential.session(person: guest.user, tenant: invitee.tenant, generation: 0)
        let codes: Set<String> = ["invalid_token", "validation_failed"]
        let actor = Actor(credential: credential, text: text, address: nil, standing: .refused(codes))
        guard judge("accept", actor, isRight, reply, "of \(invitee.email)", person.user, invitee.tenant), let granted else { return }
        if reply.body.role.string != granted.role.rawValue || reply.body.tenant.id.string != invitee.tenant {
            blame("gave another role or tenant than was granted", [person.user], reply)
        }
        model.invitations[invitee] = nil
        model.members[invitee.tenant]?[person.user] = granted.role
    }
}

/// The secrets that were mailed with invitations.
struct EscalationMails {
    /// The names of the tenants, by which mails are told apart.
    let tenants: [String: String]
    private var seen: Set<String> = []
    /// In the order of the mails.
    private var secrets: [EscalationModel.Invitee: [String]] = [:]

    init(tenants: [String: String]) { self.tenants = tenants }

    /// The secret of the open invitation; the mail with it comes a moment after it is made.
    mutating func goodSecret(for invitee: EscalationModel.Invitee, _ api: RunningAPI) async throws -> String? {
        var mails = self
        var good: String?
        try await eventually("the mail of an invitation comes") {
            try mails.read(api)
            for secret in mails.secrets[invitee] ?? [] {
                let shown = try await api.post("/api/v1/invitations/lookup", #"{"secret":"\#(secret)"}"#)
                if shown.status == 200 { good = secret }
                if shown.status != 200 { mails.secrets[invitee]?.removeAll { $0 == secret } }
            }
            return good != nil
        }
        self = mails
        return good
    }

    /// Any that was mailed there.
    mutating func lastSecret(for invitee: EscalationModel.Invitee, _ api: RunningAPI) throws -> String? {
        try read(api)
        return secrets[invitee]?.last
    }

    private mutating func read(_ api: RunningAPI) throws {
        let folder = RunningAPI.mailbox(of: api.database)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() where name.hasSuffix(".eml") && seen.insert(name).inserted {
            let mail = try String(contentsOfFile: folder + "/" + name, encoding: .utf8).replacing("=\r\n", with: "").replacing("=3D", with: "=")
            guard let secret = Self.text(behind: "accept-invitation#secret=", until: \.isWhitespace, in: mail),
                let recipient = Self.text(behind: "To: <", until: { $0 == ">" }, in: mail),
                let tenant = tenants.first(where: { mail.contains($0.value) })?.key
            else { continue }
            secrets[.init(tenant: tenant, email: recipient), default: []].append(secret)
        }
    }

    private static func text(behind mark: String, until isEnd: (Character) -> Bool, in mail: String) -> String? {
        mail.firstRange(of: mark).map { String(mail[$0.upperBound...].prefix { !isEnd($0) }) }
    }
}
