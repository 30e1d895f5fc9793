package import FoundationEssentials

/// People's accounts and sessions as the database keeps them: all that happens before there is a ``Principal``.
package protocol AccountStore: LoginAttemptStore {
    /// Stores person, tenant, membership and session together, with mails and audit entries.
    /// Throws ``ErrorCode/emailTaken`` or ``ErrorCode/slugTaken``, and then nothing is stored.
    func register(_ account: NewAccount) async throws

    /// Who logs in with that address, and into which tenant: the one with that slug or id, or else the one last used.
    func loginCandidate(
        _ email: EmailAddress, tenant: String?, device: DeviceToken?, from address: IPAddress?
    ) async throws -> LoginCandidate?

    /// Stores that a login failed.
    func refuse(_ audit: AuditEntry) async throws

    /// Stores a session that a right password has earned. False, and then nothing is stored: the account is no longer as it was when the
    /// password was compared, or the session that this one takes the place of has ended.
    func open(_ opening: SessionOpening) async throws -> Bool

    /// Trades a refresh token for `successor` in one atomic statement.
    ///
    /// `tenant` (a slug or id) switches the session there; nil keeps the tenant it is in.
    func rotate(
        _ presented: RefreshToken, successor: RefreshToken, tenant: String?, from origin: Origin, at now: Date
    ) async throws -> RotationOutcome

    /// Ends a session, if it lives.
    func end(_ session: SessionID, of user: UserID, _ audit: AuditEntry, in tenant: TenantID) async throws

    /// Ends the session of `presented`, if the hash fits and the session lives.
    func end(_ presented: RefreshToken, _ audit: AuditEntry) async throws
}

/// What registration stores.
package struct NewAccount: Sendable {
    package let user: User.Profile
    /// A PHC string.
    package let passwordHash: String
    package let tenant: Tenant.Reference
    package let session: Session
    package let refresh: RefreshToken
    package let device: DeviceToken
    package let mail: OutgoingMail
    package let audit: AuditEntry

    package init(
        user: User.Profile, passwordHash: String, tenant: Tenant.Reference, session: Session, refresh: RefreshToken, device: DeviceToken,
        mail: OutgoingMail, audit: AuditEntry
    ) {
        self.user = user
        self.passwordHash = passwordHash
        self.tenant = tenant
        self.session = session
        self.refresh = refresh
        self.device = device
        self.mail = mail
        self.audit = audit
    }
}

/// A session to be stored, and what is stored with it.
package struct SessionOpening: Sendable {
    package let session: Session
    package let refresh: RefreshToken
    package let audit: AuditEntry
    /// What the password was compared with.
    package let provenHash: String
    /// What the device shows next time, in place of what it showed now.
    package var device: DeviceToken?
    package var replacedDevice: UUID?
    /// The session that this one takes the place of.
    package var replacedSession: SessionID?
    /// The guess that turned out right: it is given back.
    package var attempt: LoginAttempt?
    /// The password hashed anew, where the old hash was weaker than what is usual now; and that old one.
    package var rehashed: (new: String, old: String)?

    package init(session: Session, refresh: RefreshToken, provenHash: String, audit: AuditEntry) {
        self.provenHash = provenHash
        self.session = session
        self.refresh = refresh
        self.audit = audit
    }
}

/// An account that a login names.
package struct LoginCandidate: Sendable {
    package let user: User.Profile
    package let status: User.Status
    package let passwordHash: String
    /// Whether the device token that was shown is one of the account's.
    package let knowsDevice: Bool
    /// Whether the password was reset by mail from that address a while ago (``resetGrace``).
    package let hasResetFromHere: Bool
    /// nil: not a member of the tenant asked for, or of none.
    package let membership: Membership?

    /// How long a reset tells its address from strangers', in seconds.
    package static let resetGrace: TimeInterval = 3600

    package init(
        user: User.Profile, status: User.Status, passwordHash: String, knowsDevice: Bool, hasResetFromHere: Bool, membership: Membership?
    ) {
        self.user = user
        self.status = status
        self.passwordHash = passwordHash
        self.knowsDevice = knowsDevice
        self.hasResetFromHere = hasResetFromHere
        self.membership = membership
    }
}

/// A person's place in a tenant, as a login or refresh finds it.
package struct Membership: Sendable {
    package let tenant: Tenant.Reference
    package let tenantStatus: Tenant.Status
    package let role: Role

    package init(tenant: Tenant.Reference, tenantStatus: Tenant.Status, role: Role) {
        self.tenant = tenant
        self.tenantStatus = tenantStatus
        self.role = role
    }
}

/// What became of a refresh token that was presented.
package enum RotationOutcome: Sendable {
    /// It was good: the successor is stored.
    case rotated(User.Profile, Membership?, authenticatedAt: Date)
    /// It was traded less than ``RefreshToken/graceAfterUse`` ago and its successor is unused: refused, nothing ended.
    case superseded
    /// It was used before: the whole session is ended.
    case reused
    /// Unknown, wrong, expired, of an ended session, of a disabled account, or not a member of that tenant.
    case refused
}
