import Domain
import Foundation
import Persistence
import Postgres
import Testing

/// The audit log is read by tenant, filter and place, each by an index.
@Suite(.ownDatabase) struct AuditReadingTests {
    @Test func aTenantReadsItsOwnEntriesNewestFirst() async throws {
        let stores = try Stores.required()
        let (ada, bob) = (try await stores.chain(of: 7), try await stores.chain(of: 3))
        var (walked, keyset): ([AuditEvent], Keyset?) = ([], nil)
        repeat {
            let position = keyset.map(PageRequest.Position.after) ?? .number(1)
            let page = try await stores.auditLog.events(in: ada, AuditFilter(), PageRequest(position, limit: 3))
            (walked, keyset) = (walked + page.items, page.next)
            #expect(page.total == nil)
        } while keyset != nil
        #expect(walked.map(\.target.id) == (1...7).reversed().map { "\($0)" })
        #expect(walked.allSatisfy { $0.tenant == ada && $0.actor.kind == "user" && $0.ipAddress?.description == "203.0.113.7" })
        #expect(walked.allSatisfy { $0.changes == #"{"role": "admin"}"# })
        let all = try await stores.platformAudit.events(of: nil, AuditFilter(from: walked.last?.occurredAt), PageRequest(.number(1), limit: 100))
            .items
        #expect(Set(all.map(\.tenant)).isSuperset(of: [ada, bob]))
        #expect(try await stores.platformAudit.events(of: bob, AuditFilter(), PageRequest(.number(1), limit: 100)).items.count == 3)
    }

    @Test func eachFilterLeavesWhatItSays() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        let tenant = account.tenantID
        let token = try await stores.token(of: account)
        _ = try await stores.superuser.query(
            """
            SELECT tessera.audit_write(\(tenant.uuid), gen_random_uuid(), now(), kind, NULL, 'token.revoked', 'api_token', \(token.id.description),
                NULL, NULL, '{}') FROM unnest(ARRAY['system', 'anonymous']) kind
            """)
        #expect(try await found(in: tenant, stores, AuditFilter(actor: .system)).sorted() == ["system token.created", "system token.revoked"])
        #expect(try await found(in: tenant, stores, AuditFilter(actor: .anonymous)) == ["anonymous token.revoked"])
        #expect(try await found(in: tenant, stores, AuditFilter(actor: .id(account.user.id.uuid))) == ["user user.registered"])
        #expect(try await found(in: tenant, stores, AuditFilter(actor: .id(UUID()))).isEmpty)
        #expect(try await found(in: tenant, stores, AuditFilter(action: "token.created")) == ["system token.created"])
        #expect(try await found(in: tenant, stores, AuditFilter(target: token.id.description)).count == 3)
        #expect(try await found(in: tenant, stores, AuditFilter(action: "token.revoked", target: token.id.description)).count == 2)
        #expect(try await found(in: tenant, stores, AuditFilter(target: "nothing")).isEmpty)
        // Both ends: from is in it, to isn't.
        let time = try await stores.auditLog.events(in: tenant, AuditFilter(action: "token.created"), PageRequest(.number(1), limit: 1)).items[0]
            .occurredAt
        #expect(try await found(in: tenant, stores, AuditFilter(action: "token.created", from: time)).count == 1)
        #expect(try await found(in: tenant, stores, AuditFilter(action: "token.created", to: time)).isEmpty)
        #expect(try await found(in: tenant, stores, AuditFilter(action: "token.created", from: time + 0.001)).isEmpty)
    }

    /// `actor action` of each, which tenant and platform see alike.
    private func found(in tenant: TenantID, _ stores: Stores, _ filter: AuditFilter) async throws -> [String] {
        let page = PageRequest(.number(1), limit: 10)
        let own = try await stores.auditLog.events(in: tenant, filter, page)
        let platforms = try await stores.platformAudit.events(of: tenant, filter, page)
        #expect(own.items.map(\.id) == platforms.items.map(\.id))
        return own.items.map { "\($0.actor.kind) \($0.action)" }
    }

    @Test func anotherTenantsEntriesAreHiddenEvenWithoutAWhere() async throws {
        let stores = try Stores.required()
        let (ada, bob) = (try await stores.chain(of: 2), try await stores.chain(of: 2))
        let seen = try await stores.app.query(
            "SELECT DISTINCT tenant_id FROM tessera.audit_log", settings: [Setting("app.tenant_id", ada.description)]
        ).decode(UUID.self)
        #expect(seen == [ada.uuid])
        // By an id that is bob's, too.
        let target = AuditFilter(actor: .id(bob.uuid))
        #expect(try await stores.auditLog.events(in: ada, target, PageRequest(.number(1), limit: 10)).items.isEmpty)
        #expect(try await stores.auditLog.events(in: bob, target, PageRequest(.number(1), limit: 10)).items.count == 2)
    }

    @Test func noFilterReadsMoreThanAPageNeeds() async throws {
        let stores = try Stores.required()
        // A tenant among others, whose rare entries lie deep.
        let tenant = try await stores.chain(of: 1, daysAgo: 300)
        let actor = UUID()
        _ = try await stores.superuser.query(
            """
            INSERT INTO tessera.audit_log (tenant_id, occurred_at, id, actor_type, actor_id, action, target_type, target_id, changes, seq,
                previous_hash, hash)
            SELECT CASE n % 2 WHEN 0 THEN \(tenant.uuid) ELSE md5((n % 7)::text)::uuid END, now() - make_interval(secs => n), gen_random_uuid(),
                CASE WHEN n = 30000 THEN 'system' ELSE 'user' END, CASE n WHEN 30000 THEN NULL WHEN 29000 THEN \(actor) ELSE md5((n % 50)::text)::uuid END,
                CASE n WHEN 28000 THEN 'tenant.deleted' ELSE 'user.logged_in' END, 'session', n::text, '{}', n + 1, '', ''
            FROM generate_series(1, 30000) n
            """)
        _ = try await stores.superuser.query("ANALYZE tessera.audit_log")
        let keyset = Keyset(time: Date(timeIntervalSinceNow: -20_000), id: UUID())
        let filters: [(String, AuditFilter)] = [
            ("none", AuditFilter()), ("actor", AuditFilter(actor: .id(actor))), ("system", AuditFilter(actor: .system)),
            ("action", AuditFilter(action: "tenant.deleted")), ("target", AuditFilter(target: "27000")),
            ("time", AuditFilter(from: Date(timeIntervalSinceNow: -25_000), to: Date(timeIntervalSinceNow: -24_000))),
        ]
        for (name, filter) in filters {
            for position in [PageRequest.Position.number(1), .after(keyset)] {
                let page = PageRequest(position, limit: 25)
                let before = try await rowsRead(stores)
                _ = try await stores.auditLog.events(in: tenant, filter, page)
                if name != "system" { _ = try await stores.platformAudit.events(of: nil, filter, page) }
                let read = try await rowsRead(stores) - before
                #expect(read <= 110, "\(name): \(read) rows for a page of 25")
            }
        }
    }

    /// Rows of the audit log that were read so far, by whatever.
    private func rowsRead(_ stores: Stores) async throws -> Int {
        for pool in [stores.app, stores.admin, stores.superuser] { for _ in 0..<8 { _ = try await pool.query("SELECT pg_stat_force_next_flush()") } }
        return try await stores.superuser.query(
            "SELECT (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_user_tables WHERE relname = 'audit_log'"
        ).decode(Int.self)[0]
    }
}
