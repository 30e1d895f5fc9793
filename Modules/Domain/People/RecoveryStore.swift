package import FoundationEssentials

/// What is done with nothing but an e-mail address, or a secret that was mailed to it.
package protocol RecoveryStore: Sendable {
    /// Asks for a reset of whatever account has that address; whether one has is nobody's business here.
    func requestReset(_ mail: OutgoingMail, _ audit: AuditEntry) async throws

    /// The person that an unused secret stands for.
    func holder(of secret: OneTimeSecret, at now: Date) async throws -> UserID?

    /// Uses the secret up and sets the password: every session ends, every device is forgotten. False: the secret is no good (any more).
    func resetPassword(_ secret: OneTimeSecret, hash: String, revokesTokens: Bool, from origin: Origin, at now: Date) async throws -> Bool

    /// Uses the secret up and confirms the address it was mailed to, also where memberships copy it.
    /// False: the secret is no good (any more). Throws ``ErrorCode/emailTaken``.
    func confirmEmail(_ secret: OneTimeSecret, from origin: Origin, at now: Date) async throws -> Bool
}
