package import FoundationEssentials

/// A person's own account, as they change it.
package protocol ProfileStore: Sendable {
    /// nil for a person who is gone or disabled.
    func passwordHash(of user: UserID) async throws -> String?

    /// Changes the name, also where it is copied to, and asks for another e-mail, which waits for its confirmation.
    func change(_ user: UserID, _ change: ProfileChange) async throws -> User.Profile?

    /// Sets a password; all sessions but `kept` end, the devices are forgotten. Answers false if `user` is gone.
    func setPassword(of user: UserID, _ change: PasswordChange, keeping kept: SessionID) async throws -> Bool

    /// Takes the person out of everything. Throws ``ErrorCode/lastOwner`` where a tenant would be left without an owner.
    func delete(_ user: UserID, from origin: Origin, at now: Date) async throws

    /// All that is kept about the person themselves.
    func export(_ user: UserID, at now: Date) async throws -> PersonalData?
}

/// What a person changes of their profile.
package struct ProfileChange: Sendable {
    package var name: String?
    package var pendingEmail: EmailAddress?
    /// The e-mail stays as it is, whatever was asked for before.
    package var clearsPendingEmail = false
    /// The hash of the password that was given; nil where none was needed.
    package var provenHash: String?
    package let at: Date
    package let tenant: TenantID
    /// One for each thing that changes.
    package var audits: [AuditEntry] = []
    package var mails: [OutgoingMail] = []

    package init(name: String?, pendingEmail: EmailAddress?, at time: Date, in tenant: TenantID) {
        self.name = name
        self.pendingEmail = pendingEmail
        at = time
        self.tenant = tenant
    }
}

/// A new password and all that comes with it.
package struct PasswordChange: Sendable {
    /// A PHC string.
    package let hash: String
    /// The hash of the password that was given: whoever changed it meanwhile isn't undone.
    package let provenHash: String
    package let revokesTokens: Bool
    package let at: Date
    package let tenant: TenantID
    package let audit: AuditEntry
    package let mail: OutgoingMail

    package init(
        hash: String, provenHash: String, revokesTokens: Bool, at time: Date, in tenant: TenantID, audit: AuditEntry, mail: OutgoingMail
    ) {
        self.hash = hash
        self.provenHash = provenHash
        self.revokesTokens = revokesTokens
        at = time
        self.tenant = tenant
        self.audit = audit
        self.mail = mail
    }
}

/// What ``ProfileStore/export(_:at:)`` answers.
package struct PersonalData: Sendable {
    package let profile: User.Profile
    package let createdAt: Date
    package let pendingEmail: String?
    package let memberships: [(tenant: Tenant.Reference, role: Role, joinedAt: Date)]
    package let sessions: [SessionSummary]

    package init(
        profile: User.Profile, createdAt: Date, pendingEmail: String?,
        memberships: [(tenant: Tenant.Reference, role: Role, joinedAt: Date)], sessions: [SessionSummary]
    ) {
        self.profile = profile
        self.createdAt = createdAt
        self.pendingEmail = pendingEmail
        self.memberships = memberships
        self.sessions = sessions
    }
}
