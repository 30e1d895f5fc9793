package import Domain
import FoundationEssentials

/// How people come into tenants: invited, or by making one. All functions throw ``Refusal``.
package struct Enrolment: Sendable {
    private let store: any EnrolmentStore
    private let passwords: PasswordHasher
    private let issuer: SessionIssuer
    private let loginGuard: LoginGuard
    private let takesNewAccounts: Bool
    private let now: Now

    /// - Parameter takesNewAccounts: whether an invitation may make an account, not only a member.
    package init(
        store: any EnrolmentStore, passwords: PasswordHasher, issuer: SessionIssuer, loginGuard: LoginGuard, takesNewAccounts: Bool,
        now: @escaping Now
    ) {
        self.takesNewAccounts = takesNewAccounts
        self.store = store
        self.passwords = passwords
        self.issuer = issuer
        self.loginGuard = loginGuard
        self.now = now
    }

    /// What the secret of a mailed invitation invites to.
    package func invitation(by text: String) async throws -> MailedInvitation { try await open(text).invitation }

    /// Takes an invitation up and logs in: a new account takes a name and a password, one that is there a session of its own or its
    /// current password.
    package func accept(_ text: String, name: String?, password: String?, by person: Person?, from origin: Origin) async throws -> SessionGrant {
        let (secret, invitation) = try await open(text)
        let time = now().microseconds
        let user: User.Profile
        var newHash: String?
        var attempt: LoginAttempt?
        var authenticatedAt: Date?
        var proof: Acceptance.Proof?
        if let person, let account = invitation.account, account.user.id == person.id {
            user = account.user
            authenticatedAt = person.session.authenticatedAt
            proof = .session(person.session.id)
        } else if let account = invitation.account {
            attempt = try await prove(password, account)
            proof = .password(account.passwordHash)
            user = account.user
        } else {
            guard takesNewAccounts else { throw Refusal.forbidden("No accounts are made here: ask the operator for one.") }
            guard let name, let password else { throw Refusal.invalid(Self.missing(name, password)) }
            if let fault = PasswordPolicy.check(password) { throw Refusal.invalid([FieldFault("/password", fault.code, fault.detail)]) }
            newHash = try await passwords.hash(password)
            user = User.Profile(id: .timeOrdered(at: time), email: invitation.email, name: name, emailVerified: true)
        }
        let draft = try issuer.draft(for: user.id, in: invitation.tenant.id, from: origin, at: time, authenticatedAt: authenticatedAt)
        let acceptance = Acceptance(
            secret: secret, tenant: invitation.tenant.id, user: user, newPasswordHash: newHash, session: draft.session, refresh: draft.refresh,
            device: draft.device, proof: proof, attempt: attempt,
            audit: AuditEntry(
                .invitationAccepted, of: .user(user.id), by: .user(user.id), from: origin, at: time, changes: ["role": invitation.role.rawValue]))
        guard try await store.accept(acceptance) else { throw Self.refused }
        return try issuer.grant(draft, to: user, in: Membership(tenant: invitation.tenant, tenantStatus: .active, role: invitation.role))
    }

    /// Makes another tenant that the person owns.
    package func create(
        name: String, slug wanted: Slug?, of person: Person, from origin: Origin, onRetry retry: Retry<TenantMembership> = .notKept
    ) async throws -> TenantMembership {
        let time = now().microseconds
        return try await Slug.claim(wanted, for: name, member: "slug") { slug in
            let tenant = Tenant.Reference(id: .timeOrdered(at: time), slug: slug.text, name: name)
            let membership = TenantMembership(tenant: tenant, status: .active, role: .owner, joinedAt: time)
            let audit = AuditEntry(
                .tenantCreated, of: .tenant(tenant.id), by: .user(person.id), from: origin, at: time, claim: try retry.claim(membership))
            guard try await store.create(tenant, owner: person.profile, audit) else { throw Refusal.notFound }
            return membership
        }
    }

    /// The tenants that the person is in.
    package func tenants(_ page: PageRequest, of person: Person) async throws -> Page<TenantMembership> {
        try await store.tenants(of: person.id, page)
    }

    private func open(_ text: String) async throws -> (secret: OneTimeSecret, invitation: MailedInvitation) {
        guard let secret = MailedSecretFormat.parse(text, for: .invitation), let invitation = try await store.invitation(by: secret, at: now())
        else { throw Self.refused }
        return (secret, invitation)
    }

    /// The mail proves the address, not the person: whoever reads it must still know the account's password.
    private func prove(_ password: String?, _ account: Invitee) async throws -> LoginAttempt? {
        guard let password else {
            throw Refusal.invalid([FieldFault("/password", "required", "There is an account with this address: log in first, or give its password.")])
        }
        guard let email = EmailAddress(account.user.email) else { throw Self.refused }
        let attempt = try await loginGuard.reserve(.account(email), at: now())
        guard try await passwords.verify(password, account.passwordHash), account.status == .active else { throw Refusal.wrongPassword }
        return attempt
    }

    private static func missing(_ name: String?, _ password: String?) -> [FieldFault] {
        [("name", name), ("password", password)].filter { $0.1 == nil }.map { FieldFault("/" + $0.0, "required", "A new account needs \($0.0).") }
    }

    private static var refused: Refusal {
        Refusal(.invalidToken, "The invitation is unknown, used, withdrawn or expired: ask for another.")
    }
}
