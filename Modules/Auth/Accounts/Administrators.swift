package import Domain
import FoundationEssentials

/// How an operator makes the first platform administrators, past the API. Throws ``Refusal``.
package struct Administrators: Sendable {
    private let store: any AdministratorStore
    private let passwords: PasswordHasher
    private let now: Now

    package init(store: any AdministratorStore, passwords: PasswordHasher, now: @escaping Now) {
        self.store = store
        self.passwords = passwords
        self.now = now
    }

    /// Makes the account with that e-mail a platform administrator, or makes such an account.
    ///
    /// - Parameters:
    ///   - name: of a new account; nil is what stands before the `@`.
    ///   - password: of a new account; nil mails a link for setting one.
    package func appoint(_ email: EmailAddress, name: String?, password: String?) async throws -> Appointment {
        if let password, let fault = PasswordPolicy.check(password) { throw Refusal.invalid([FieldFault("/password", fault.code, fault.detail)]) }
        var hash: String?
        if let password { hash = try await passwords.hash(password) }
        let time = now().microseconds
        let origin = Origin(ipAddress: nil, userAgent: nil, requestID: .v7(at: time))
        let id = UserID.timeOrdered(at: time)
        let user = User.Profile(
            id: id, email: email.text, name: name ?? String(email.text.prefix { $0 != "@" }.prefix(100)), emailVerified: false)
        return try await store.appoint(
            Administrator(
                user: user, passwordHash: hash, mail: OutgoingMail(.passwordReset, to: email.text, about: id.uuid, at: time),
                audit: AuditEntry(.platformAdminGranted, of: .user(id), by: .system, from: origin, at: time)))
    }
}
