import Domain
import Foundation
import Postgres
import Testing

/// A refresh token works once, whoever is faster.
@Suite(.ownDatabase) struct RotationTests {
    @Test func ofSixtyFourAtOnceExactlyOneSucceedsAndTheFamilyLives() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        var current = account.refresh
        for round in 0..<200 {
            let presented = current
            let outcomes = try await withThrowingTaskGroup(of: (RotationOutcome, RefreshToken).self) { group in
                for _ in 0..<64 {
                    group.addTask {
                        let successor = RefreshToken.sample(of: account.session)
                        return (
                            try await stores.accounts.rotate(presented, successor: successor, tenant: nil, from: .sample, at: Moment.now), successor
                        )
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let winners = outcomes.filter { $0.0.kind == "rotated" }
            #expect(winners.count == 1, "round \(round)")
            #expect(outcomes.count { $0.0.kind == "superseded" } == 63)
            current = try #require(winners.first).1
        }
    }

    @Test func replayAnHourLaterEndsTheSession() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        let second = RefreshToken.sample(of: account.session)
        _ = try await stores.accounts.rotate(account.refresh, successor: second, tenant: nil, from: .sample, at: Moment.now)
        let later = Moment.after(Moment.hour)
        let replay = try await stores.accounts.rotate(
            account.refresh, successor: .sample(of: account.session, at: later), tenant: nil, from: .sample, at: later)
        #expect(replay.kind == "reused")
        let after = try await stores.accounts.rotate(
            second, successor: .sample(of: account.session, at: later), tenant: nil, from: .sample, at: later)
        #expect(after.kind == "refused")
        #expect(try await stores.count("audit_log", where: "action = 'session.token_reused' AND target_id = \(account.session.id.description)") == 1)
    }

    @Test func wrongExpiredEndedAndForeignAreRefused() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        let other = try await stores.register()
        func outcome(_ presented: RefreshToken, tenant: String? = nil, at time: Date = Moment.now) async throws -> RotationOutcome {
            try await stores.accounts.rotate(presented, successor: .sample(of: account.session), tenant: tenant, from: .sample, at: time)
        }
        let forged = RefreshToken(
            id: account.refresh.id, session: account.session.id, user: account.user.id, hash: .random, expiresAt: .distantFuture)
        for refused in [
            try await outcome(forged), try await outcome(account.refresh, tenant: other.tenant.slug),
            try await outcome(account.refresh, at: Moment.after(Session.idleLifetime + 1)),
        ] {
            #expect(refused.kind == "refused")
        }
        let logout = AuditEntry(
            .sessionEnded, of: .session(account.session.id), by: .user(account.user.id), from: .sample, at: Moment.now)
        try await stores.accounts.end(account.session.id, of: account.user.id, logout, in: account.tenantID)
        #expect(try await outcome(account.refresh).kind == "refused")
    }
}

extension RotationOutcome {
    /// Which case it is, whatever it carries.
    fileprivate var kind: Substring { "\(self)".prefix { $0 != "(" } }
}
