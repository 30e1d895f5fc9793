package import Domain
import Hummingbird

/// Changes of who is in a tenant and as what.
package struct MembersController: Sendable {
    private let members: Members

    package init(members: Members) { self.members = members }

    @Sendable func setRole(_ call: Call, _ principal: Principal) async throws -> Response {
        let user = try call.member("userId", principal)
        var body = try await call.body()
        let role = body.role("role")
        try body.finish()
        guard let role else { throw Refusal.invalid(body.faults) }
        return try .json(MemberBody(try await members.setRole(of: user, to: role, as: principal, from: call.origin)))
    }

    @Sendable func remove(_ call: Call, _ principal: Principal) async throws -> Response {
        try await members.remove(try call.member("userId", principal), as: principal, from: call.origin)
        return .noContent
    }
}

extension Call {
    /// The path parameter `name` as a person: their id, or `me`. Throws ``Refusal/notFound``.
    fileprivate func member(_ name: String, _ principal: Principal) throws(Refusal) -> UserID {
        if context.parameters.get(name) == "me", case .user(let id) = principal.subject.id { return id }
        return try id(name)
    }
}

extension BodyReader {
    /// A role by its name; its absence is a fault.
    mutating func role(_ name: String) -> Role? { choice(name, Role.self) }
}
