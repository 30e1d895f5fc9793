import Domain
import Foundation
import Postgres
import Testing

/// Each change has its entry, and each entry holds on to the one before it.
@Suite(.ownDatabase) struct AuditChainTests {
    @Test func sixtyFourChangesAtOnceLeaveOneUnbrokenChain() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    let session = Session.sample(of: account.user.id, in: account.tenantID)
                    _ = try await stores.accounts.open(
                        SessionOpening(
                            session: session, refresh: .sample(of: session), provenHash: Account.passwordHash,
                            audit: AuditEntry(.userLoggedIn, of: .session(session.id), by: .user(account.user.id), from: .sample, at: Moment.now)))
                }
            }
            try await group.waitForAll()
        }
        #expect(try await stores.count("audit_log", where: "tenant_id = \(account.tenantID.uuid)") == 65)
        #expect(try await Self.brokenLinks(stores, account.tenantID) == 0)
        // A changed row breaks it.
        _ = try await stores.superuser.query(
            "UPDATE tessera.audit_log SET actor_type = 'system' WHERE tenant_id = \(account.tenantID.uuid) AND seq = 33")
        #expect(try await Self.brokenLinks(stores, account.tenantID) == 1)
    }

    @Test func everyChangeOfATokenHasOneEntryAndNoChangeHasNone() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        let token = try await stores.token(of: account)
        let (owner, stranger) = (TokenActor.owner(account), TokenActor(id: .user(UserID(UUID())), mayActOnAll: false))
        _ = try await stores.tokens.update(token.id, in: token.tenant, TokenChange(name: "other"), ifVersion: 9, at: Moment.now)
        _ = try await stores.tokens.update(token.id, in: token.tenant, TokenChange(name: "other"), ifVersion: 1, at: Moment.now)
        _ = try await stores.tokens.revoke(token.id, in: token.tenant, by: stranger, reason: nil, at: Moment.now)
        for _ in 0..<2 { _ = try await stores.tokens.revoke(token.id, in: token.tenant, by: owner, reason: nil, at: Moment.now) }
        for _ in 0..<2 { _ = try await stores.tokens.delete(token.id, in: token.tenant, by: owner, at: Moment.now) }
        let entries = try await stores.superuser.query(
            "SELECT action FROM tessera.audit_log WHERE target_id = \(token.id.description) ORDER BY seq")
        #expect(try entries.decode(String.self) == ["token.created", "token.changed", "token.revoked", "token.deleted"])
        #expect(try await Self.brokenLinks(stores, account.tenantID) == 0)
    }

    @Test func theApplicationCanNeitherWriteNorChangeAnEntry() async throws {
        let stores = try Stores.required()
        for statement: SQL in ["UPDATE tessera.audit_log SET action = 'a.b'", "DELETE FROM tessera.audit_log", "SELECT 1 FROM tessera.audit_head"] {
            for pool in [stores.app, stores.auth] {
                #expect(try await sqlState { _ = try await pool.query(statement) } == .insufficientPrivilege)
            }
        }
    }

    /// Entries whose hash isn't that of their content, or whose predecessor is another than they say.
    static func brokenLinks(_ stores: Stores, _ tenant: TenantID) async throws -> Int {
        try await stores.superuser.query(
            """
            SELECT count(*) FROM (
                SELECT hash, previous_hash, lag(hash, 1, '\\x') OVER (ORDER BY seq) AS before, row_number() OVER (ORDER BY seq) AS number, seq,
                    tessera.audit_digest(previous_hash, tenant_id, seq, id, occurred_at, actor_type, actor_id, action, target_type, target_id,
                        ip_address, request_id, changes) AS digest
                FROM tessera.audit_log WHERE tenant_id = \(tenant.uuid)) e
            WHERE hash <> digest OR previous_hash <> before OR number <> seq
            """
        ).decode(Int.self)[0]
    }
}
