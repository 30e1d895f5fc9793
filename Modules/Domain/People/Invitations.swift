import FoundationEssentials

/// Offers to join a tenant: made, listed, sent again, withdrawn. All functions throw ``Refusal``.
///
/// Nobody invites to a role above their own, nor touches an invitation for one. The secret that accepts an invitation is made by who
/// sends the mail.
package struct Invitations: Sendable {
    private let store: any InvitationStore
    private let now: Now

    package init(store: any InvitationStore, now: @escaping Now) {
        self.store = store
        self.now = now
    }

    /// Invites `email` to be a member with `role`, for seven days. Takes a session of an admin.
    package func create(
        _ email: EmailAddress, _ role: Role, as principal: Principal, from origin: Origin, onRetry retry: Retry<Invitation> = .notKept
    ) async throws -> Invitation {
        let person = try principal.requirePerson(from: .admin)
        guard role <= principal.role else { throw Refusal.forbidden("You can't invite to a role above your own.") }
        let time = now().microseconds
        let invitation = Invitation(
            id: InvitationID(.v7(at: time)), tenant: principal.tenant.id, email: email.text, role: role, createdBy: person.id,
            createdAt: time, expiresAt: time.addingTimeInterval(Invitation.lifetime))
        let audit = AuditEntry(
            .invitationCreated, of: .invitation(invitation.id), by: principal.auditActor, from: origin, at: time, changes: ["role": role.rawValue],
            claim: try retry.claim(invitation))
        try await store.insert(invitation, inviterRole: principal.role, audit)
        return invitation
    }

    /// A page of the open and expired invitations, the newest first.
    package func list(_ page: PageRequest, as principal: Principal) async throws -> Page<Invitation> {
        try principal.require(.membersWrite)
        return try await store.invitations(in: principal.tenant.id, page)
    }

    /// Sends another mail; the invitation holds for seven days from now. Takes a session of an admin.
    package func resend(_ id: InvitationID, as principal: Principal, from origin: Origin) async throws -> Invitation {
        try principal.requirePerson(from: .admin)
        let invitation = try await reachable(id, principal)
        let time = now().microseconds
        let audit = AuditEntry(
            .invitationResent, of: .invitation(id), by: principal.auditActor, from: origin, at: time, changes: ["role": invitation.role.rawValue])
        let expiry = time.addingTimeInterval(Invitation.lifetime)
        guard let resent = try await store.resend(id, in: principal.tenant.id, until: expiry, by: principal.standing, audit) else {
            throw Refusal.notFound
        }
        return resent
    }

    /// Takes an invitation back: its mails are good for nothing then.
    package func withdraw(_ id: InvitationID, as principal: Principal, from origin: Origin) async throws {
        try principal.require(.membersWrite)
        let invitation = try await reachable(id, principal)
        let audit = AuditEntry(
            .invitationWithdrawn, of: .invitation(id), by: principal.auditActor, from: origin, at: now().microseconds,
            changes: ["role": invitation.role.rawValue])
        guard try await store.withdraw(id, in: principal.tenant.id, by: principal.standing, audit) else { throw Refusal.notFound }
    }

    private func reachable(_ id: InvitationID, _ principal: Principal) async throws -> Invitation {
        guard let invitation = try await store.invitation(id, in: principal.tenant.id) else { throw Refusal.notFound }
        guard invitation.role <= principal.role else {
            throw Refusal.forbidden("An invitation to a role above your own is out of your reach.")
        }
        return invitation
    }
}
