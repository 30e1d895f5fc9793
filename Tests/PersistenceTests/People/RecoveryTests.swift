import Domain
import Foundation
import Postgres
import Testing

/// Mailed secrets work once, in time, and for what they were mailed for.
@Suite(.ownDatabase) struct RecoveryTests {
    /// A secret as the sender of the mail makes it; nil where there was nothing to mail.
    private func secret(_ stores: Stores, _ purpose: SecretPurpose, _ kind: MailKind, to recipient: String, about subject: UUID) async throws
        -> OneTimeSecret?
    {
        let secret = OneTimeSecret(purpose: purpose, id: UUID(), hash: .random)
        let mail = OutgoingMail(kind, to: recipient, about: subject, at: Moment.now)
        return try await stores.outbox.issue(secret, for: mail, at: Moment.now) == nil ? nil : secret
    }

    @Test func ofManyUsesOfOneSecretOneSetsThePassword() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        let token = try await stores.token(of: account)
        let secret = try #require(try await secret(stores, .passwordReset, .passwordReset, to: account.user.email, about: .zero))
        let second = try #require(try await self.secret(stores, .passwordReset, .passwordReset, to: account.user.email, about: .zero))
        #expect(try await stores.recovery.holder(of: secret, at: Moment.now) == account.user.id)
        let used = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<32 {
                group.addTask {
                    try await stores.recovery.resetPassword(secret, hash: "$new", revokesTokens: true, from: .sample, at: Moment.now)
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(used == 1)
        #expect(try await stores.profiles.passwordHash(of: account.user.id) == "$new")
        #expect(try await stores.sessions.sessions(of: account.user.id, PageRequest(.number(1), limit: 9), at: Moment.now).items.isEmpty)
        #expect(try await stores.reread(token)?.revocation?.reason == "password_reset")
        #expect(try await stores.recovery.holder(of: second, at: Moment.now) == nil, "the others end with it")
        #expect(try await stores.count("audit_log", where: "action = 'password.reset' AND target_id = \(account.user.id.description)") == 1)
        #expect(try await stores.count("audit_log", where: "action = 'token.revoked' AND target_id = \(token.id.description)") == 1)
        #expect(try await AuditChainTests.brokenLinks(stores, account.tenantID) == 0)
        #expect(try await AuditChainTests.brokenLinks(stores, .platform) == 0)
    }

    @Test func aSecretHoldsTenMinutesAndForItsPurposeOnly() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        let secret = try #require(try await secret(stores, .passwordReset, .passwordReset, to: account.user.email, about: .zero))
        let forged = OneTimeSecret(purpose: .passwordReset, id: secret.id, hash: .random)
        let other = OneTimeSecret(purpose: .emailConfirmation, id: secret.id, hash: secret.hash)
        #expect(try await stores.recovery.holder(of: forged, at: Moment.now) == nil)
        #expect(try await !stores.recovery.confirmEmail(other, from: .sample, at: Moment.now))
        #expect(try await !stores.recovery.resetPassword(secret, hash: "$new", revokesTokens: false, from: .sample, at: Moment.after(600)))
        #expect(try await stores.recovery.resetPassword(secret, hash: "$new", revokesTokens: false, from: .sample, at: Moment.after(599)))
    }

    @Test func nothingIsMailedToWhoHasNoAccount() async throws {
        let stores = try Stores.required()
        #expect(try await secret(stores, .passwordReset, .passwordReset, to: "nobody@example.org", about: .zero) == nil)
    }

    @Test func anotherAddressCountsOnceItIsConfirmed() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        let address = "new-\(UUID().lowercased)@example.org"
        var change = ProfileChange(name: "Ada Lovelace", pendingEmail: EmailAddress(address), at: Moment.now, in: account.tenantID)
        change.audits = [AuditEntry(.emailChangeRequested, of: .user(account.user.id), by: .user(account.user.id), from: .sample, at: Moment.now)]
        #expect(try await stores.profiles.change(account.user.id, change)?.email == account.user.email)
        let old = try #require(
            try await secret(stores, .emailConfirmation, .emailConfirmation, to: account.user.email, about: account.user.id.uuid))
        let new = try #require(try await secret(stores, .emailConfirmation, .emailConfirmation, to: address, about: account.user.id.uuid))
        #expect(try await stores.recovery.confirmEmail(new, from: .sample, at: Moment.now))
        #expect(
            try await stores.count("memberships", where: "user_id = \(account.user.id.uuid) AND email = \(address) AND name = 'Ada Lovelace'") == 1)
        #expect(try await !stores.recovery.confirmEmail(new, from: .sample, at: Moment.now))
        #expect(try await !stores.recovery.confirmEmail(old, from: .sample, at: Moment.now), "what was mailed to the old address ended")
    }

    @Test func anAddressThatSomebodyElseHasByNowIsRefused() async throws {
        let stores = try Stores.required()
        let (account, other) = (try await stores.register(), try await stores.register())
        let change = ProfileChange(name: nil, pendingEmail: EmailAddress(other.user.email), at: Moment.now, in: account.tenantID)
        _ = try await stores.profiles.change(account.user.id, change)
        let secret = try #require(
            try await secret(stores, .emailConfirmation, .emailConfirmation, to: other.user.email, about: account.user.id.uuid))
        #expect(try await refusal { _ = try await stores.recovery.confirmEmail(secret, from: .sample, at: Moment.now) } == .emailTaken)
    }

    @Test func theLastOwnerStaysAndOthersGoWithAllTheyHad() async throws {
        let stores = try Stores.required()
        let (owner, guest) = (try await stores.register(), try await stores.register())
        #expect(try await refusal { try await stores.profiles.delete(owner.user.id, from: .sample, at: Moment.now) } == .lastOwner)
        try await stores.join(guest.user, owner.tenantID, as: .owner)
        let token = try await stores.token(of: owner)
        try await stores.profiles.delete(owner.user.id, from: .sample, at: Moment.now)
        #expect(try await stores.profiles.passwordHash(of: owner.user.id) == nil)
        #expect(try await stores.count("memberships", where: "user_id = \(owner.user.id.uuid)") == 0)
        #expect(try await stores.reread(token)?.revocation?.reason == "owner_deleted")
        #expect(try await stores.count("users", where: "email = \(owner.user.email)") == 0)
        #expect(try await stores.count("audit_log", where: "action = 'member.left' AND tenant_id = \(owner.tenantID.uuid)") == 1)
    }
}
