package import FoundationEssentials

/// A guess at a password, counted before anything is hashed.
package struct LoginAttempt: Sendable {
    /// What is guessed at: a keyed hash of the account's e-mail, or of a device that the account knows.
    package let account: HashedToken
    /// The window of time that the guess falls into.
    package let window: Date
    /// The window's length in seconds.
    package let seconds: Int
    /// Guesses that a window allows.
    package let limit: Int

    package init(account: HashedToken, at time: Date, seconds: Int, limit: Int) {
        self.account = account
        let length = Double(seconds)
        window = Date(timeIntervalSince1970: (time.timeIntervalSince1970 / length).rounded(.down) * length)
        self.seconds = seconds
        self.limit = limit
    }

    /// Whole seconds from `time` until the next window begins.
    package func retryAfter(_ time: Date) -> Int { max(1, Int((window.addingTimeInterval(Double(seconds)).timeIntervalSince(time)).rounded(.up))) }
}

/// The guesses that were made, for all nodes and across restarts.
package protocol LoginAttemptStore: Sendable {
    /// Counts a guess; false if its window has no more. Each window before it that was used up halves what this one allows, down to
    /// one guess: who goes on guessing gets slower, and nobody is locked out for good.
    func reserve(_ attempt: LoginAttempt) async throws -> Bool
}
