import Domain
import Foundation
import Postgres
import Support
import Testing

/// Hashing takes a while: what was decided on a password or a session that is gone by then does nothing.
@Suite(.ownDatabase) struct OvertakenTests {
    private func opening(_ account: Account, hash: String = Account.passwordHash, replacing session: SessionID? = nil, rehashed: String? = nil)
        -> SessionOpening
    {
        let session = (Session.sample(of: account.user.id, in: account.tenantID), session)
        var opening = SessionOpening(
            session: session.0, refresh: .sample(of: session.0), provenHash: hash,
            audit: AuditEntry(.userLoggedIn, of: .session(session.0.id), by: .user(account.user.id), from: .sample, at: Moment.now))
        opening.device = DeviceToken(user: account.user.id, id: UUID(), hash: .random, expiresAt: Moment.after(1000))
        opening.replacedSession = session.1
        opening.rehashed = rehashed.map { ($0, hash) }
        return opening
    }

    private func traces(_ stores: Stores, _ account: Account) async throws -> [Int] {
        [
            try await stores.count("sessions", where: "user_id = \(account.user.id.uuid)"),
            try await stores.count("refresh_tokens", where: "user_id = \(account.user.id.uuid)"),
            try await stores.count("device_tokens", where: "user_id = \(account.user.id.uuid)"),
            try await stores.count("audit_log", where: "tenant_id = \(account.tenantID.uuid)"),
        ]
    }

    @Test func aLoginOnAnEarlierPasswordOpensNothing() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        let before = try await traces(stores, account)
        #expect(try await stores.accounts.open(opening(account, hash: "$scrypt$ln=15,r=8,p=3$b3RoZXI$b3RoZXI")) == false)
        _ = try await stores.superuser.query("UPDATE tessera.users SET status = 'disabled' WHERE id = \(account.user.id.uuid)")
        #expect(try await stores.accounts.open(opening(account)) == false)
        _ = try await stores.superuser.query("UPDATE tessera.users SET status = 'active' WHERE id = \(account.user.id.uuid)")
        #expect(try await traces(stores, account) == before)
        #expect(try await stores.accounts.open(opening(account)))
        #expect(try await traces(stores, account) == before.map { $0 + 1 })
    }

    @Test func anEndedSessionIsNotReplaced() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        _ = try await stores.superuser.query("UPDATE tessera.sessions SET revoked_at = now() WHERE user_id = \(account.user.id.uuid)")
        let before = try await traces(stores, account)
        #expect(try await stores.accounts.open(opening(account, replacing: account.session.id)) == false)
        #expect(try await traces(stores, account) == before)
    }

    /// Both find the hash outdated and want to store a better one.
    @Test func twoLoginsAtOnceBothGetInThoughBothHashAnew() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        let holder = try await stores.database.connect()
        try await holder.script("BEGIN; SELECT FROM tessera.memberships WHERE user_id = '\(account.user.id)' FOR UPDATE")
        async let one = stores.accounts.open(opening(account, rehashed: "$better"))
        async let other = stores.accounts.open(opening(account, rehashed: "$best"))
        let waiting: SQL = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        try await eventually("both wait") { try await stores.superuser.query(waiting).decode(Int.self) == [2] }
        try await holder.script("COMMIT")
        await holder.close()
        // Whoever is second proved what isn't the hash any more.
        #expect(try await [one, other].contains(true))
        #expect(try await stores.count("users", where: "id = \(account.user.id.uuid) AND password_hash LIKE '$be%'") == 1)
    }

    @Test func aPasswordThatSomebodyChangedMeanwhileStays() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        func change(_ hash: String, proven: String) async throws -> Bool {
            try await stores.profiles.setPassword(
                of: account.user.id,
                PasswordChange(
                    hash: hash, provenHash: proven, revokesTokens: false, at: Moment.now, in: account.tenantID,
                    audit: AuditEntry(.passwordChanged, of: .user(account.user.id), by: .user(account.user.id), from: .sample, at: Moment.now),
                    mail: OutgoingMail(.passwordChanged, to: account.user.email, about: account.user.id.uuid, at: Moment.now)),
                keeping: account.session.id)
        }
        let mails = try await stores.count("outbox", where: "recipient = \(account.user.email)")
        let entries = try await stores.count("audit_log", where: "tenant_id = \(account.tenantID.uuid)")
        #expect(try await change("$one", proven: Account.passwordHash))
        #expect(try await change("$two", proven: Account.passwordHash) == false)
        #expect(try await stores.count("users", where: "id = \(account.user.id.uuid) AND password_hash = '$one'") == 1)
        // The one that did nothing left nothing.
        #expect(try await stores.count("outbox", where: "recipient = \(account.user.email)") == mails + 1)
        #expect(try await stores.count("audit_log", where: "tenant_id = \(account.tenantID.uuid)") == entries + 1)
    }
}
