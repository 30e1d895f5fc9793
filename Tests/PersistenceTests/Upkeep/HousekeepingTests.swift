import Domain
import Foundation
import Persistence
import Postgres
import Testing

/// One node keeps house, in steps; what it ends has an audit entry each, and what should stay does.
@Suite(.ownDatabase, .serialized) struct HousekeepingTests {
    private func housekeeping(_ stores: Stores) -> any Housekeeping { HousekeepingTable(JobsDatabase(stores.jobs)) }

    /// Forgets earlier rounds.
    private func reset(_ stores: Stores) async throws { _ = try await stores.superuser.query("DELETE FROM tessera.job_runs") }

    private func token(_ account: Account, _ stores: Stores, _ assignments: SQL) async throws -> UUID {
        let id = UUID()
        _ = try await stores.superuser.query(
            """
            INSERT INTO tessera.api_tokens (tenant_id, id, owner_id, name, token_prefix, token_hash, scopes, created_at, updated_at)
            VALUES (\(account.tenant.id.uuid), \(id), \(account.user.id.uuid), \(id.uuidString), 'tsr_00000000', decode(repeat('00', 32), 'hex'),
                '{read}', now() - interval '400 days', now())
            """)
        _ = try await stores.superuser.query("UPDATE tessera.api_tokens SET \(assignments) WHERE id = \(id)")
        return id
    }

    @Test func oneOfManyNodesGetsTheLeaseAndAnotherGoesOnWhenItDies() async throws {
        let stores = try Stores.required()
        try await reset(stores)
        let table = housekeeping(stores)
        let nodes = (0..<8).map { _ in UUID() }
        let since = Date(timeIntervalSinceNow: -60)
        let winners = try await withThrowingTaskGroup(of: UUID?.self) { group in
            for node in nodes { group.addTask { try await table.claim(by: node, ifNotDoneSince: since) ? node : nil } }
            return try await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
        }
        let first = try #require(winners.first)
        #expect(winners.count == 1)
        let second = try #require(nodes.first { $0 != first })
        #expect(try await table.step(.retireIdle, most: 10, as: second) == nil)
        #expect(try await table.step(.retireIdle, most: 10, as: first) == 0)
        // The first dies: its lease runs out.
        _ = try await stores.superuser.query("UPDATE tessera.job_runs SET leased_until = now() - interval '1 second'")
        #expect(try await table.claim(by: second, ifNotDoneSince: since))
        let ended = try await token(try await stores.register(), stores, "revoked_at = now() - interval '91 days'")
        #expect(try await table.step(.bury(afterDays: 90), most: 10, as: first) == nil)
        #expect(try await !table.finish(by: first))
        #expect(try await stores.count("api_tokens", where: "id = \(ended) AND deleted_at IS NULL") == 1)
        #expect(try await table.step(.bury(afterDays: 90), most: 10, as: second) == 1)
        #expect(try await table.finish(by: second))
        #expect(try await !table.claim(by: first, ifNotDoneSince: since))
        #expect(try await table.claim(by: first, ifNotDoneSince: Date(timeIntervalSinceNow: 60)))
    }

    @Test func endedTokensBecomeTombstonesAfterTheirRetention() async throws {
        let stores = try Stores.required()
        try await reset(stores)
        let (table, node) = (housekeeping(stores), UUID())
        let account = try await stores.register()
        let revoked = try await token(account, stores, "revoked_at = now() - interval '91 days', revoked_reason = 'mine'")
        let expired = try await token(account, stores, "expires_at = now() - interval '91 days'")
        let rotated = try await token(account, stores, "expires_at = now() - interval '95 days'")
        _ = try await stores.superuser.query(
            "INSERT INTO tessera.token_secrets VALUES (\(account.tenant.id.uuid), \(rotated), decode(repeat('11', 32), 'hex'), now(), now())")
        for assignments in ["revoked_at = now() - interval '89 days'", "expires_at = now() - interval '89 days'", "is_active = false", "name = name"]
            as [SQL]
        {
            _ = try await token(account, stores, assignments)
        }
        #expect(try await table.claim(by: node, ifNotDoneSince: .now))
        #expect(try await table.step(.bury(afterDays: 90), most: 2, as: node) == 2)
        #expect(try await table.step(.bury(afterDays: 90), most: 2, as: node) == 1)
        #expect(try await table.step(.bury(afterDays: 90), most: 2, as: node) == 0)
        let gone = try await stores.superuser.query(
            "SELECT id, revoked_reason, token_hash IS NULL FROM tessera.api_tokens WHERE tenant_id = \(account.tenant.id.uuid) AND deleted_at IS NOT NULL"
        ).decode(UUID.self, String?.self, Bool.self)
        #expect(Dictionary(uniqueKeysWithValues: gone.map { ($0.0, $0.1 ?? "") }) == [revoked: "mine", expired: "expired", rotated: "expired"])
        #expect(gone.allSatisfy { $0.2 })
        #expect(try await stores.count("token_secrets", where: "token_id = \(rotated)") == 0)
        let entries = try await stores.superuser.query(
            """
            SELECT target_id, actor_type, changes->>'reason' FROM tessera.audit_log
            WHERE tenant_id = \(account.tenant.id.uuid) AND action = 'token.deleted' ORDER BY target_id
            """
        ).decode(String.self, String.self, String.self)
        #expect(Set(entries.map { UUID(uuidString: $0.0) }) == [revoked, expired, rotated])
        #expect(entries.count == 3)
        #expect(entries.allSatisfy { $0.1 == "system" && $0.2 == "retention" })
    }

    @Test func idleTokensAreRevokedWhereThePolicySaysSoADayLater() async throws {
        let stores = try Stores.required()
        try await reset(stores)
        let (table, node) = (housekeeping(stores), UUID())
        let strict = try await stores.register()
        let lenient = try await stores.register()
        _ = try await stores.superuser.query(
            "UPDATE tessera.tenants SET token_policy = '{\"idleDays\": 30}', updated_at = now() WHERE id = \(strict.tenant.id.uuid)")
        let never = try await token(strict, stores, "name = name")
        let fresh = try await token(strict, stores, "created_at = now() - interval '30 days 23 hours'")
        let used = try await token(strict, stores, "name = name")
        let stale = try await token(strict, stores, "name = name")
        _ = try await token(lenient, stores, "name = name")
        for (id, age) in [(used, "29 days"), (stale, "32 days")] {
            _ = try await stores.superuser.query(
                "INSERT INTO tessera.token_activity (tenant_id, token_id, last_used_at) VALUES (\(strict.tenant.id.uuid), \(id), now() - \(age)::interval)"
            )
        }
        #expect(try await table.claim(by: node, ifNotDoneSince: .now))
        // A policy of a minute ago may be a slip: its owner has a day.
        #expect(try await table.step(.retireIdle, most: 10, as: node) == 0)
        _ = try await stores.superuser.query(
            "UPDATE tessera.tenants SET updated_at = now() - interval '25 hours' WHERE id = \(strict.tenant.id.uuid)")
        #expect(try await table.step(.retireIdle, most: 10, as: node) == 2)
        #expect(try await table.step(.retireIdle, most: 10, as: node) == 0)
        let revoked = try await stores.superuser.query("SELECT id FROM tessera.api_tokens WHERE revoked_reason = 'idle'").decode(UUID.self)
        #expect(Set(revoked) == [never, stale])
        #expect(try await stores.count("api_tokens", where: "id = \(fresh) AND revoked_at IS NULL") == 1)
        #expect(try await stores.count("audit_log", where: "action = 'token.revoked' AND actor_type = 'system' AND changes->>'reason' = 'idle'") == 2)
    }

    @Test func noticesOfHalfAYearAgoGo() async throws {
        let stores = try Stores.required()
        try await reset(stores)
        let (table, node) = (housekeeping(stores), UUID())
        let account = try await stores.register()
        let id = try await token(account, stores, "name = name")
        for (day, age) in [("2026-01-01", "181 days"), ("2026-01-02", "179 days")] {
            _ = try await stores.superuser.query(
                """
                INSERT INTO tessera.notices (tenant_id, id, user_id, token_id, kind, day, created_at)
                VALUES (\(account.tenant.id.uuid), \(UUID()), \(account.user.id.uuid), \(id), 'expired', \(day)::text::date, now() - \(age)::interval)
                """)
        }
        #expect(try await table.claim(by: node, ifNotDoneSince: .now))
        #expect(try await table.step(.forgetNotices, most: 10, as: node) == 1)
        #expect(try await stores.count("notices", where: "tenant_id = \(account.tenant.id.uuid)") == 1)
    }
}
