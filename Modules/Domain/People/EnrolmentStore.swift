package import FoundationEssentials

/// Tenants as people find them before they are in one: by a mailed invitation, or by making one.
package protocol EnrolmentStore: Sendable {
    /// The invitation that an unused secret was mailed for, if it is still open.
    func invitation(by secret: OneTimeSecret, at now: Date) async throws -> MailedInvitation?

    /// Uses secret and invitation up, makes the member and a session. False: they are no good (any more).
    /// Throws ``ErrorCode/alreadyMember``, or ``ErrorCode/emailTaken`` if somebody made an account with the address meanwhile.
    func accept(_ acceptance: Acceptance) async throws -> Bool

    /// Makes a tenant that `owner` owns. Throws ``ErrorCode/slugTaken``.
    /// False: the person is gone or disabled.
    func create(_ tenant: Tenant.Reference, owner: User.Profile, _ audit: AuditEntry) async throws -> Bool

    /// The tenants that a person is in, the longest-standing first.
    func tenants(of user: UserID, _ page: PageRequest) async throws -> Page<TenantMembership>
}

/// An open invitation as its secret shows it.
package struct MailedInvitation: Sendable {
    package let tenant: Tenant.Reference
    package let email: String
    package let role: Role
    /// The account with that address; nil if there is none.
    package let account: Invitee?

    package init(tenant: Tenant.Reference, email: String, role: Role, account: Invitee?) {
        self.tenant = tenant
        self.email = email
        self.role = role
        self.account = account
    }
}

/// Somebody invited who has an account.
package struct Invitee: Sendable {
    package let user: User.Profile
    package let status: User.Status
    package let passwordHash: String

    package init(user: User.Profile, status: User.Status, passwordHash: String) {
        self.user = user
        self.status = status
        self.passwordHash = passwordHash
    }
}

/// An invitation taken up.
package struct Acceptance: Sendable {
    package let secret: OneTimeSecret
    package let tenant: TenantID
    package let user: User.Profile
    /// A PHC string for a new account; nil where there is one already.
    package let newPasswordHash: String?
    package let session: Session
    package let refresh: RefreshToken
    package let device: DeviceToken
    /// What showed that the account is theirs; nil for a new one.
    package let proof: Proof?
    /// The guess that turned out right: it is given back.
    package let attempt: LoginAttempt?
    package let audit: AuditEntry

    /// It must still hold when the invitation is taken up.
    package enum Proof: Sendable {
        /// The hash of the password that was given.
        case password(String)
        case session(SessionID)
    }

    package init(
        secret: OneTimeSecret, tenant: TenantID, user: User.Profile, newPasswordHash: String?, session: Session, refresh: RefreshToken,
        device: DeviceToken, proof: Proof?, attempt: LoginAttempt?, audit: AuditEntry
    ) {
        self.secret = secret
        self.tenant = tenant
        self.user = user
        self.newPasswordHash = newPasswordHash
        self.session = session
        self.refresh = refresh
        self.device = device
        self.proof = proof
        self.attempt = attempt
        self.audit = audit
    }
}

/// A tenant that a person is in.
package struct TenantMembership: Sendable {
    package let tenant: Tenant.Reference
    package let status: Tenant.Status
    package let role: Role
    package let joinedAt: Date

    package init(tenant: Tenant.Reference, status: Tenant.Status, role: Role, joinedAt: Date) {
        self.tenant = tenant
        self.status = status
        self.role = role
        self.joinedAt = joinedAt
    }
}
