package import Domain
import HTTPTypes
import Hummingbird

/// Offers to join a tenant, for those who make them.
package struct InvitationsController: Sendable {
    private let invitations: Invitations
    private let cursors: CursorCodec
    private let now: Now

    package init(invitations: Invitations, cursors: CursorCodec, now: @escaping Now) {
        self.invitations = invitations
        self.cursors = cursors
        self.now = now
    }

    @Sendable func create(_ call: Call, _ principal: Principal) async throws -> Response {
        var body = try await call.body()
        let email = body.email("email")
        let role = body.role("role")
        try body.finish()
        guard let email, let role else { throw Refusal.invalid(body.faults) }
        return try created(try await invitations.create(email, role, as: principal, from: call.origin, onRetry: call.onRetry(created))).response
    }

    @Sendable private func created(_ invitation: Invitation) throws -> Answer {
        try .json(InvitationBody(invitation, at: now()), status: .created)
    }

    @Sendable func list(_ call: Call, _ principal: Principal) async throws -> Response {
        var query = QueryReader(call.request.uri.query)
        let paging = try PageQuery(&query, path: call.request.uri.path, cursors: cursors)
        try query.finish()
        let page = try await invitations.list(paging.request, as: principal)
        let time = now()
        return try .list(page, paging, cursors) { InvitationsBody(invitations: $0.map { InvitationBody($0, at: time) }, pagination: $1) }
    }

    @Sendable func resend(_ call: Call, _ principal: Principal) async throws -> Response {
        let id = try call.id("id", of: Invitation.self)
        try await call.requireEmptyBody()
        return try .json(InvitationBody(try await invitations.resend(id, as: principal, from: call.origin), at: now()))
    }

    @Sendable func withdraw(_ call: Call, _ principal: Principal) async throws -> Response {
        try await invitations.withdraw(try call.id("id"), as: principal, from: call.origin)
        return .noContent
    }
}
