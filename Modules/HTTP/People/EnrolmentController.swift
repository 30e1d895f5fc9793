package import Auth
import Domain
import HTTPTypes
import Hummingbird
import Limits

/// How people come into tenants: by an invitation, or by making one.
package struct EnrolmentController: Sendable {
    private let enrolment: Enrolment
    private let transport: SessionTransport
    private let limits: EdgeLimits
    private let cursors: CursorCodec

    package init(enrolment: Enrolment, transport: SessionTransport, limits: EdgeLimits, cursors: CursorCodec) {
        self.enrolment = enrolment
        self.transport = transport
        self.limits = limits
        self.cursors = cursors
    }

    @Sendable func lookUp(_ call: Call) async throws -> Response {
        try await limits.charge(.reset, call.context.scope.remoteAddress)
        var body = try await call.body()
        let secret = body.requiredExactString("secret", 1...1024)
        try body.finish()
        guard let secret else { throw Refusal.invalid(body.faults) }
        return try .json(MailedInvitationBody(try await enrolment.invitation(by: secret)))
    }

    @Sendable func accept(_ call: Call, _ recognition: Recognition) async throws -> Response {
        let person = try recognition.person()
        try await limits.charge(.loginAddress, call.context.scope.remoteAddress)
        var body = try await call.body()
        let secret = body.requiredExactString("secret", 1...1024)
        let name = body.has("name") ? body.requiredString("name", 1...100) : nil
        let password = body.has("password") ? body.requiredExactString("password", 1...1024) : nil
        let wanted = body.transport()
        try body.finish()
        guard let secret else { throw Refusal.invalid(body.faults) }
        try transport.check(wanted, call)
        let grant = try await enrolment.accept(secret, name: name, password: password, by: person, from: call.origin)
        return try transport.answer(grant, by: wanted ?? .body, to: call, status: .created)
    }

    @Sendable func create(_ call: Call, _ person: Person) async throws -> Response {
        var body = try await call.body()
        let name = body.requiredString("name", 1...100)
        let slug = body.slug("slug")
        try body.finish()
        guard let name else { throw Refusal.invalid(body.faults) }
        let membership = try await enrolment.create(
            name: name, slug: slug, of: person, from: call.origin, onRetry: call.onRetry(Self.created))
        return try Self.created(membership).response
    }

    @Sendable private static func created(_ membership: TenantMembership) throws -> Answer {
        try .json(TenantMembershipBody(membership), status: .created)
    }

    @Sendable func list(_ call: Call, _ person: Person) async throws -> Response {
        var query = QueryReader(call.request.uri.query)
        let paging = try PageQuery(&query, path: call.request.uri.path, cursors: cursors)
        try query.finish()
        let page = try await enrolment.tenants(paging.request, of: person)
        return try .list(page, paging, cursors) { TenantMembershipsBody(tenants: $0.map(TenantMembershipBody.init), pagination: $1) }
    }
}

/// What an invitation invites to.
struct MailedInvitationBody: Encodable, Sendable {
    let tenant: TenantReferenceBody
    let email: String
    let role: String
    let accountExists: Bool

    init(_ invitation: MailedInvitation) {
        tenant = TenantReferenceBody(invitation.tenant)
        email = invitation.email
        role = invitation.role.rawValue
        accountExists = invitation.account != nil
    }
}

/// A tenant that the asking person is in.
struct TenantMembershipBody: Encodable, Sendable {
    let id: TenantID
    let slug: String
    let name: String
    let status: String
    let role: String
    let joinedAt: String

    init(_ membership: TenantMembership) {
        id = membership.tenant.id
        slug = membership.tenant.slug
        name = membership.tenant.name
        status = membership.status.rawValue
        role = membership.role.rawValue
        joinedAt = RFC3339.format(membership.joinedAt)
    }
}

struct TenantMembershipsBody: Encodable, Sendable {
    let tenants: [TenantMembershipBody]
    let pagination: PaginationBody
}
