package import Domain
import FoundationEssentials

/// What can be done without a session: ask for a reset, and use the secrets that were mailed. All functions throw ``Refusal``.
package struct Recovery: Sendable {
    private let store: any RecoveryStore
    private let passwords: PasswordHasher
    private let now: Now

    package init(store: any RecoveryStore, passwords: PasswordHasher, now: @escaping Now) {
        self.store = store
        self.passwords = passwords
        self.now = now
    }

    /// Asks for a mail with which the password can be reset. The same work is done whether there is such an account or not: who
    /// sends the mail finds that out.
    package func requestReset(of email: EmailAddress, from origin: Origin) async throws {
        let time = now().microseconds
        let mail = OutgoingMail(.passwordReset, to: email.text, about: .zero, at: time)
        // Who it is for is not known here; the mail's id leads from this entry to the rest.
        let audit = AuditEntry(.passwordResetRequested, of: .mail(mail.id), by: .anonymous, from: origin, at: time)
        try await store.requestReset(mail, audit)
    }

    /// Sets a password by a mailed secret: all sessions end, and with `revokesTokens` the person's API tokens in every tenant.
    package func resetPassword(by text: String, to password: String, revokesTokens: Bool, from origin: Origin) async throws {
        guard let secret = MailedSecretFormat.parse(text, for: .passwordReset), try await store.holder(of: secret, at: now()) != nil else {
            throw Self.refused
        }
        let hash = try await passwords.hash(password)
        guard try await store.resetPassword(secret, hash: hash, revokesTokens: revokesTokens, from: origin, at: now().microseconds) else {
            throw Self.refused
        }
    }

    /// Confirms the address that the secret was mailed to.
    package func confirmEmail(by text: String, from origin: Origin) async throws {
        guard let secret = MailedSecretFormat.parse(text, for: .emailConfirmation),
            try await store.confirmEmail(secret, from: origin, at: now().microseconds)
        else { throw Self.refused }
    }

    private static var refused: Refusal {
        Refusal(.invalidToken, "The secret is unknown, used or expired: ask for another mail.")
    }
}
