import Domain
import Foundation
import Testing

/// Guesses are counted before anything is hashed, however many come at once.
@Suite(.ownDatabase) struct LoginAttemptTests {
    private func attempt(_ account: HashedToken, at time: Date = Moment.now) -> LoginAttempt {
        LoginAttempt(account: account, at: time, seconds: 900, limit: 10)
    }

    @Test func ofAThousandAtOnceNoMorePassThanTheLimit() async throws {
        let stores = try Stores.required()
        let account = HashedToken.random
        let passed = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<1_000 { group.addTask { try await stores.accounts.reserve(attempt(account)) } }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(passed == 10)
        #expect(try await stores.accounts.reserve(attempt(.random)), "another account has guesses of its own")
    }

    @Test func whoGoesOnGuessingGetsSlowerAndIsNeverLockedOut() async throws {
        let stores = try Stores.required()
        let account = HashedToken.random
        var passed: [Int] = []
        for window in 0..<7 {
            var count = 0
            for _ in 0..<12 where try await stores.accounts.reserve(attempt(account, at: Moment.after(Double(window) * 900))) { count += 1 }
            passed.append(count)
        }
        #expect(passed == [10, 5, 2, 1, 1, 1, 1])
        #expect(try await stores.accounts.reserve(attempt(account, at: Moment.after(20 * 900))), "and it is forgotten in time")
    }

    @Test func onlyWindowsThatRanOutMakeTheNextNarrower() async throws {
        let stores = try Stores.required()
        let account = HashedToken.random
        for window in 0..<4 { #expect(try await stores.accounts.reserve(attempt(account, at: Moment.after(Double(window) * 900)))) }
        var passed = 0
        for _ in 0..<12 where try await stores.accounts.reserve(attempt(account, at: Moment.after(4 * 900))) { passed += 1 }
        #expect(passed == 10, "a typo now and then, or a stranger's one guess, costs nobody anything")
    }

    @Test func aRightPasswordGivesItsGuessBack() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        let guess = attempt(.random)
        for _ in 0..<30 {
            #expect(try await stores.accounts.reserve(guess))
            let session = Session.sample(of: account.user.id, in: account.tenantID)
            var opening = SessionOpening(
                session: session, refresh: .sample(of: session), provenHash: Account.passwordHash,
                audit: AuditEntry(.userLoggedIn, of: .session(session.id), by: .user(account.user.id), from: .sample, at: Moment.now))
            opening.attempt = guess
            _ = try await stores.accounts.open(opening)
        }
    }
}
