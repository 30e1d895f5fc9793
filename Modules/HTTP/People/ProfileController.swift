package import Auth
import Domain
import Hummingbird

/// What people do with their own account.
package struct ProfileController: Sendable {
    private let profiles: Profiles

    package init(profiles: Profiles) { self.profiles = profiles }

    @Sendable func change(_ call: Call, _ person: Person) async throws -> Response {
        var body = try await call.body()
        let name = body.string("name", 1...100)
        let email = body.has("email") ? body.email("email") : nil
        let current = body.has("currentPassword") ? body.requiredExactString("currentPassword", 1...1024) : nil
        try body.finish()
        let user = try await profiles.change(name: name, email: email, currentPassword: current, of: person, from: call.origin)
        return try .json(MeBody(Person(profile: user, session: person.session, membership: person.membership)))
    }

    @Sendable func changePassword(_ call: Call, _ person: Person) async throws -> Response {
        var body = try await call.body()
        let current = body.requiredExactString("currentPassword", 1...1024)
        let new = body.newPassword("newPassword")
        let revokesTokens = body.bool("revokeTokens") ?? false
        try body.finish()
        guard let current, let new else { throw Refusal.invalid(body.faults) }
        try await profiles.changePassword(from: current, to: new, revokesTokens: revokesTokens, of: person, from: call.origin)
        return .noContent
    }

    @Sendable func delete(_ call: Call, _ person: Person) async throws -> Response {
        try await profiles.delete(person, from: call.origin)
        return .noContent
    }

    @Sendable func export(_ call: Call, _ person: Person) async throws -> Response {
        try QueryReader(call.request.uri.query).finish()
        let data = try await profiles.export(person)
        return try .json(
            PersonalDataBody(data, current: person.session.id),
            headers: [.contentDisposition: "attachment; filename=\"tessera-personal-data.json\""])
    }
}

/// All that is kept about a person themselves.
struct PersonalDataBody: Encodable, Sendable {
    let user: UserBody
    let createdAt: String
    @ExplicitNull var pendingEmail: String?
    let tenants: [MembershipBody]
    let sessions: [SessionSummaryBody]

    struct MembershipBody: Encodable, Sendable {
        let tenant: TenantReferenceBody
        let role: String
        let joinedAt: String
    }

    init(_ data: PersonalData, current: SessionID?) {
        user = UserBody(data.profile)
        createdAt = RFC3339.format(data.createdAt)
        pendingEmail = data.pendingEmail
        tenants = data.memberships.map {
            MembershipBody(tenant: TenantReferenceBody($0.tenant), role: $0.role.rawValue, joinedAt: RFC3339.format($0.joinedAt))
        }
        sessions = data.sessions.map { SessionSummaryBody($0, current: current) }
    }
}
