import Crypto
package import Domain
import FoundationEssentials

/// Counts guesses at passwords before anything is hashed: one account's by its e-mail, a known device's by its own id.
package struct LoginGuard: Sendable {
    private let store: any LoginAttemptStore
    private let key: SymmetricKey
    private let limit: (guesses: Int, seconds: Int)?

    /// - Parameters:
    ///   - key: 32 secret bytes: whoever reads the table must not learn who is guessed at.
    ///   - limit: guesses in a window of so many seconds; nil is unlimited.
    package init(store: any LoginAttemptStore, key: [UInt8], limit: (guesses: Int, seconds: Int)?) {
        self.store = store
        self.key = SymmetricKey(data: key)
        self.limit = limit
    }

    /// What a password is guessed for; each has guesses of its own.
    enum Subject: Sendable {
        /// By a stranger.
        case account(EmailAddress)
        /// By a device that the account knows.
        case device(DeviceToken)
        /// From where the account's password was reset by mail just now.
        case resetter(UserID, IPAddress)
        /// At a session that lives.
        case session(SessionID)

        fileprivate var text: String {
            switch self {
            case .account(let email): "email:\(email.text)"
            case .device(let device): "device:\(device.user):\(device.id.lowercased)"
            case .resetter(let user, let address): "reset:\(user):\(address)"
            case .session(let session): "session:\(session)"
            }
        }
    }

    /// Counts a guess. Throws ``ErrorCode/quotaExceeded``.
    func reserve(_ subject: Subject, at time: Date) async throws -> LoginAttempt? {
        guard let limit else { return nil }
        guard let account = HashedToken(bytes: Array(HMAC<SHA256>.authenticationCode(for: Array(subject.text.utf8), using: key))) else { return nil }
        let attempt = LoginAttempt(account: account, at: time, seconds: limit.seconds, limit: limit.guesses)
        guard try await store.reserve(attempt) else {
            throw Refusal(
                .quotaExceeded, "Too many wrong passwords for this account: wait, or reset the password.", internalReason: "login attempts",
                retryAfter: attempt.retryAfter(time))
        }
        return attempt
    }
}
