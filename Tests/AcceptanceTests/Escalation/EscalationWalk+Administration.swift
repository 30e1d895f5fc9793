import Domain
import Foundation
import Postgres
import Support

/// What owners and platform administrators decide over all tokens and people.
extension EscalationWalk {
    // MARK: The platform

    /// Mostly a platform administrator who is no member; everybody else tries as well.
    mutating func administer(_ kind: String, _ someone: Actor) async throws {
        let isRoot = kind == "administer" ? draw(4) == 0 : draw(3) > 0
        let actor = isRoot ? rootActor : someone
        let mayAdminister = isRoot || model.isPlatformAdmin(actor.credential)
        switch kind {
        case "administer":
            let reply = try await ask(actor, "GET", "/api/v1/admin/\(draw(2) == 0 ? "tenants" : "users")?limit=1")
            _ = judge(kind, suspendedToo(actor), mayAdminister, reply, "")
        case "disable":
            // Who is disabled comes back soon.
            let disabled = people.filter { model.disabled.contains($0.user) }
            guard let person = pick(disabled.isEmpty || disabled.count < 3 && draw(3) == 0 ? people : disabled) else { return }
            let isDisabling = !model.disabled.contains(person.user)
            let path = "/api/v1/admin/users/\(person.user)"
            let reply = try await ask(actor, "PATCH", path, #"{"status":"\#(isDisabling ? "disabled" : "active")"}"#)
            guard judge(kind, suspendedToo(actor), mayAdminister, reply, isDisabling ? "" : "no more", person.user) else { return }
            if isDisabling {
                model.disable(person.user)
                endSessions(of: person.user)
            } else {
                model.disabled.remove(person.user)
            }
        default:
            guard let tenant = pick(tenants) else { return }
            // Invitations are mailed as long as the tenant is open.
            let connection = connection
            if mayAdminister {
                try await eventually("all mails are sent") {
                    try await connection.query("SELECT count(*) FROM tessera.outbox WHERE next_attempt_at IS NOT NULL").decode(Int.self) == [0]
                }
            }
            let reply = try await ask(actor, "PATCH", "/api/v1/admin/tenants/\(tenant)", #"{"status":"suspended"}"#)
            if judge(kind, suspendedToo(actor), mayAdminister, reply, "", tenant) { model.suspended.insert(tenant) }
        }
    }

    /// Platform administrators act from suspended tenants too: there is no other reason to refuse somebody alive than that they are none.
    private func suspendedToo(_ actor: Actor) -> Actor {
        guard case .refused(let codes) = actor.standing, codes == ["tenant_suspended"], case .session = actor.credential else { return actor }
        return Actor(
            credential: actor.credential, text: actor.text, address: actor.address, standing: .refused(["forbidden", "reauthentication_required"]))
    }

    mutating func resume() async throws {
        for tenant in tenants where model.suspended.contains(tenant) {
            let reply = try await ask(rootActor, "PATCH", "/api/v1/admin/tenants/\(tenant)", #"{"status":"active"}"#)
            if judge("suspend", rootActor, true, reply, "no more", tenant) { model.suspended.remove(tenant) }
        }
    }

    // MARK: The tenant

    mutating func setPolicy(_ actor: Actor) async throws {
        if draw(4) == 0 {
            let isRight = actor.power?.permissions.contains("tenant:read") ?? false
            let reply = try await ask(actor, "GET", "/api/v1/token-policy")
            _ = judge("policy", actor, isRight, reply, "as it is")
            return
        }
        var policy = EscalationModel.Policy()
        switch draw(12) {
        case 0: policy.maxLifetimeDays = pick([5, 20, 45])
        case 1, 7: policy.requireExpiry = true
        case 2, 3:
            for role in some(Role.allCases, 2) { policy.scopes[role] = some(["read", "write", "tokens:write", "introspect", "app:billing"], 2) }
        case 4: policy.networks = some(EscalationBreadth.allNetworks, 2)
        case 5, 6: policy.idleDays = pick([2, 5])
        default: break
        }
        var members = ["\"requireExpiry\":\(policy.requireExpiry)"]
        if let days = policy.maxLifetimeDays { members.append("\"maxLifetimeDays\":\(days)") }
        if let days = policy.idleDays { members.append("\"idleDays\":\(days)") }
        if !policy.networks.isEmpty { members.append("\"allowedCidrs\":[\(quoted(policy.networks))]") }
        if !policy.scopes.isEmpty {
            let roles = Role.allCases.compactMap { role in policy.scopes[role].map { "\"\(role)\":[\(quoted($0))]" } }
            members.append("\"allowedScopesByRole\":{\(roles.joined(separator: ","))}")
        }
        let isRight = actor.power.map { $0.isSession && $0.role == .owner } ?? false
        let reply = try await ask(actor, "PUT", "/api/v1/token-policy", "{\(members.joined(separator: ","))}")
        guard judge("policy", actor, isRight, reply, members.joined(separator: " "), actor.power?.tenant), let tenant = actor.power?.tenant else {
            return
        }
        model.policies[tenant] = policy
    }
}
