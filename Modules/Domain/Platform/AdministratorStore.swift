/// An account that an operator makes a platform administrator.
package struct Administrator: Sendable {
    /// For a new account, as the rest of these: one that is there keeps its own.
    package let user: User.Profile
    /// A PHC string; nil: whoever reads the mail sets a password.
    package let passwordHash: String?
    package let mail: OutgoingMail
    package let audit: AuditEntry

    package init(user: User.Profile, passwordHash: String?, mail: OutgoingMail, audit: AuditEntry) {
        self.user = user
        self.passwordHash = passwordHash
        self.mail = mail
        self.audit = audit
    }
}

/// What became of it.
package enum Appointment: Sendable {
    /// There was no account with this e-mail: one was made.
    case created
    /// Whoever made an account with an unconfirmed e-mail may be somebody else.
    case granted(emailIsConfirmed: Bool)
    case alreadyAdministrator
    case disabled
}

package protocol AdministratorStore: Sendable {
    /// Makes the account with the e-mail of `administrator` a platform administrator; where there is none, makes one, and asks for the
    /// mail if it has no password.
    func appoint(_ administrator: Administrator) async throws -> Appointment
}
