import Domain
import FoundationEssentials
import Postgres
import Testing

/// Revoked is for good, deleted leaves a tombstone, and neither is for strangers.
@Suite(.ownDatabase) struct TokenEndingTests {
    private let stores: Stores

    init() throws { stores = try .required() }

    @Test func revokingAgainAnswersTheFirstTime() async throws {
        let ada = try await stores.register()
        let token = try await stores.token(of: ada)
        let first = try #require(try await revoke(token, by: .owner(ada), reason: "leaked", at: Moment.after(1)))
        #expect(first.isNew)
        #expect(first.token.revocation?.at.inMicroseconds == Moment.after(1).inMicroseconds)
        #expect(first.token.revocation?.reason == "leaked")
        #expect(first.token.version == 2)
        let second = try #require(try await revoke(token, by: .owner(ada), reason: "again", at: Moment.after(2)))
        #expect(!second.isNew)
        #expect(second.token.revocation?.at.inMicroseconds == Moment.after(1).inMicroseconds)
        #expect(second.token.revocation?.reason == "leaked")
        #expect(second.token.version == 2)
    }

    @Test func ofManyRevocationsAtOnceOneIsNew() async throws {
        let ada = try await stores.register()
        let token = try await stores.token(of: ada)
        let endings = try await withThrowingTaskGroup(of: TokenEnding?.self) { group in
            for index in 0..<16 {
                group.addTask { try await revoke(token, by: .owner(ada), reason: "\(index)", at: Moment.after(Double(index))) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(endings.count { $0?.isNew == true } == 1)
        #expect(endings.count { $0 == nil } == 0)
        #expect(Set(endings.compactMap { $0?.token.revocation?.reason }).count == 1)
    }

    @Test func onlyTheOwnerAndWhoMayActOnAllEndAToken() async throws {
        let (ada, bob) = (try await stores.register(), try await stores.register())
        try await stores.join(bob.user, ada.tenantID)
        let token = try await stores.token(of: ada)
        #expect(try await revoke(token, by: .owner(bob), reason: nil, at: Moment.now) == nil)
        #expect(try await delete(token, by: .owner(bob)) == false)
        #expect(try await stores.reread(token)?.revocation == nil)
        #expect(try await revoke(token, by: .admin(bob), reason: nil, at: Moment.now)?.isNew == true)
        #expect(try await delete(token, by: .admin(bob)))
    }

    @Test func aTombstoneKeepsOwnerAndNameAndNoHash() async throws {
        let ada = try await stores.register()
        let token = try await stores.token(of: ada, name: "deploy")
        _ = try await revoke(token, by: .owner(ada), reason: "leaked", at: Moment.after(1))
        #expect(try await delete(token, by: .owner(ada)))
        #expect(try await delete(token, by: .owner(ada)) == false)
        #expect(try await stores.reread(token) == nil)
        #expect(try await revoke(token, by: .owner(ada), reason: nil, at: Moment.now) == nil)
        #expect(try await stores.credentials.token(token.id, of: .user, in: ada.tenantID) == nil)

        let row = try await stores.superuser.query(
            """
            SELECT owner_id, name, token_hash IS NULL, revoked_at, deleted_at, revoked_reason FROM tessera.api_tokens
            WHERE tenant_id = \(ada.tenantID.uuid) AND id = \(token.id.uuid)
            """
        ).decode(UUID.self, String.self, Bool.self, Date.self, Date.self, String.self)[0]
        #expect(row.0 == ada.user.id.uuid)
        #expect(row.1 == "deploy")
        #expect(row.2)
        #expect(row.3.inMicroseconds == Moment.after(1).inMicroseconds)
        #expect(row.4.inMicroseconds == Moment.after(60).inMicroseconds)
        #expect(row.5 == "leaked")
    }

    @Test func deletingRevokes() async throws {
        let ada = try await stores.register()
        let token = try await stores.token(of: ada)
        #expect(try await delete(token, by: .owner(ada)))
        let revokedAt = try await stores.superuser.query("SELECT revoked_at FROM tessera.api_tokens WHERE id = \(token.id.uuid)")
        #expect(try revokedAt.decode(Date.self)[0].inMicroseconds == Moment.after(60).inMicroseconds)
    }

    @Test func ofManyDeletionsAtOnceOneDeletes() async throws {
        let ada = try await stores.register()
        let token = try await stores.token(of: ada)
        let deleted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 { group.addTask { try await delete(token, by: .owner(ada)) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(deleted.count { $0 } == 1)
    }

    private func revoke(_ token: APIToken, by actor: TokenActor, reason: String?, at time: Date) async throws -> TokenEnding? {
        try await stores.tokens.revoke(token.id, in: token.tenant, by: actor, reason: reason, at: time)
    }

    private func delete(_ token: APIToken, by actor: TokenActor) async throws -> Bool {
        try await stores.tokens.delete(token.id, in: token.tenant, by: actor, at: Moment.after(60))
    }
}
