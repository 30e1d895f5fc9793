import Domain
import Foundation
import Persistence
import Postgres
import Synchronization
import Testing

/// Whatever is done to the rows past the product is found, and what the product does is never taken for it.
@Suite(.ownDatabase) struct AuditVerificationTests {
    @Test func whatTheProductWroteIsInOrder() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        let token = try await stores.token(of: account)
        _ = try await stores.tokens.revoke(token.id, in: token.tenant, by: .owner(account), reason: "läuft „ab“ \u{1F600}", at: Moment.now)
        let (faults, progress) = try await stores.auditVerification().faults(of: account.tenantID) { _ in }
        #expect(faults.isEmpty)
        #expect(progress.entries == 3)
        // More than are read at a time.
        try await stores.write(4100, in: account.tenantID)
        let heard = Mutex<[Int]>([])
        let (more, whole) = try await stores.auditVerification().faults(of: account.tenantID) { now in heard.withLock { $0.append(now.entries) } }
        #expect(more.isEmpty)
        #expect(whole.entries == 4103)
        #expect(heard.withLock(\.self).starts(with: [2000, 4000, 4103]))
    }

    @Test func aTamperedRowIsFound() async throws {
        let stores = try Stores.required()
        for assignment: SQL in [
            "action = 'user.login_failed'", "actor_type = 'system'", "actor_id = gen_random_uuid()", "target_id = 'x'", "target_type = 'x'",
            "ip_address = '192.0.2.1'", "ip_address = NULL", "request_id = NULL", #"changes = '{"role": "owner"}'"#,
            "occurred_at = occurred_at - interval '1 microsecond'", "id = gen_random_uuid()",
        ] {
            let tenant = try await stores.chain(of: 5)
            _ = try await stores.superuser.query("UPDATE tessera.audit_log SET \(assignment) WHERE tenant_id = \(tenant.uuid) AND seq = 3")
            let id = try await stores.auditID(3, of: tenant)
            #expect(try await stores.auditFault(of: tenant) == .changed(3, id), "\(assignment.text)")
            let sentence = try await stores.auditVerification().faults(of: tenant) { _ in }.faults.first?.description
            #expect(sentence?.contains("\(tenant)") == true)
            #expect(sentence?.contains("row 3 (id \(id.lowercased))") == true)
        }
    }

    @Test func aRowThatWasChangedTogetherWithItsHashIsFound() async throws {
        let stores = try Stores.required()
        let tenant = try await stores.chain(of: 5)
        try await rewrite(3, of: tenant, stores)
        #expect(try await stores.auditFault(of: tenant) == .unlinked(4, try await stores.auditID(4, of: tenant)))
        // The last one has nobody behind it, but the head.
        let other = try await stores.chain(of: 5)
        try await rewrite(5, of: other, stores)
        #expect(try await stores.auditFault(of: other) == .otherThanHead(5))
    }

    @Test func aRemovedRowIsFound() async throws {
        let stores = try Stores.required()
        for (removed, expected) in [("seq = 3", Int64(3)...3), ("seq IN (2, 3)", 2...3), ("seq = 1", 1...1)] {
            let tenant = try await stores.chain(of: 5)
            _ = try await stores.superuser.query("DELETE FROM tessera.audit_log WHERE tenant_id = \(tenant.uuid) AND \(SQL(unsafeRaw: removed))")
            #expect(try await stores.auditFault(of: tenant) == .missing(expected))
        }
    }

    @Test func aCutOffEndIsFound() async throws {
        let stores = try Stores.required()
        let tenant = try await stores.chain(of: 5)
        _ = try await stores.superuser.query("DELETE FROM tessera.audit_log WHERE tenant_id = \(tenant.uuid) AND seq > 3")
        #expect(try await stores.auditFault(of: tenant) == .cutOff(after: 3, head: 5))
        let empty = try await stores.chain(of: 5)
        _ = try await stores.superuser.query("DELETE FROM tessera.audit_log WHERE tenant_id = \(empty.uuid)")
        #expect(try await stores.auditFault(of: empty) == .cutOff(after: 0, head: 5))
        // Rows behind the end, and rows without one.
        let longer = try await stores.chain(of: 5)
        _ = try await stores.superuser.query("UPDATE tessera.audit_head SET seq = 4 WHERE tenant_id = \(longer.uuid)")
        #expect(try await stores.auditFault(of: longer) == .behindHead(5, head: 4))
        let headless = try await stores.chain(of: 5)
        _ = try await stores.superuser.query("DELETE FROM tessera.audit_head WHERE tenant_id = \(headless.uuid)")
        #expect(try await stores.auditFault(of: headless) == .noHead)
        #expect(try await stores.auditFault(of: TenantID(UUID())) == .noChain)
    }

    @Test func rowsCutOffTogetherWithTheHeadAreFoundByTheLoggedHead() async throws {
        let stores = try Stores.required()
        let (cut, anew, untouched) = (try await stores.chain(of: 5), try await stores.chain(of: 5), try await stores.chain(of: 5))
        let logged = try await loggedHeads(of: [cut, anew, untouched], stores)
        #expect(try await stores.auditVerification().faults(of: logged).isEmpty)
        for tenant in [cut, anew] {
            _ = try await stores.superuser.query("DELETE FROM tessera.audit_log WHERE tenant_id = \(tenant.uuid) AND seq > 3")
            _ = try await stores.superuser.query(
                """
                UPDATE tessera.audit_head h SET seq = l.seq, hash = l.hash, previous_hash = l.previous_hash FROM tessera.audit_log l
                WHERE h.tenant_id = \(tenant.uuid) AND l.tenant_id = h.tenant_id AND l.seq = 3
                """)
        }
        // Other rows in the place of those that are gone.
        try await stores.write(4, in: anew)
        for tenant in [cut, anew, untouched] {
            #expect(try await stores.auditFault(of: tenant) == nil)
            try await stores.write(1, in: untouched)
        }
        #expect(
            try await stores.auditVerification().faults(of: logged) == [
                AuditFault(tenant: cut, kind: .loggedAndGone(5)), AuditFault(tenant: anew, kind: .otherThanLogged(5)),
            ])
    }

    @Test func everyTenantIsWalkedAndEachBrokenChainIsNamedOnce() async throws {
        let stores = try Stores.required()
        let (first, second, third) = (try await stores.chain(of: 3), try await stores.chain(of: 3), try await stores.chain(of: 3))
        _ = try await stores.superuser.query("DELETE FROM tessera.audit_log WHERE tenant_id = \(first.uuid) AND seq IN (1, 3)")
        _ = try await stores.superuser.query("DELETE FROM tessera.audit_head WHERE tenant_id = \(second.uuid)")
        _ = try await stores.superuser.query("DELETE FROM tessera.audit_log WHERE tenant_id = \(third.uuid)")
        let faults = try await stores.auditVerification().faults(of: nil) { _ in }.faults
        for (tenant, kind) in [(first, AuditFault.Kind.missing(1...1)), (second, .noHead), (third, .cutOff(after: 0, head: 3))] {
            #expect(faults.filter { $0.tenant == tenant } == [AuditFault(tenant: tenant, kind: kind)])
        }
        // In the order of ids, page by page.
        let chains = AuditChainTable(AdminDatabase(stores.admin))
        var (walked, last): ([TenantID], TenantID?) = ([], nil)
        while let tenant = try await chains.tenants(behind: last, most: 1).first { (walked, last) = (walked + [tenant], tenant) }
        #expect(walked == walked.sorted())
        #expect(Set(walked).isSuperset(of: [first, second, third]))
        #expect(walked.count == Set(walked).count)
    }

    @Test func aChangeDuringTheWalkIsNoFault() async throws {
        let stores = try Stores.required()
        let tenant = try await stores.chain(of: 4100, daysAgo: 500)
        // Between two pages entries are written, and the start is dropped beyond where the walk is.
        let chains = Interrupted(AuditChainTable(AdminDatabase(stores.admin))) {
            try await stores.write(3, in: tenant)
            let node = UUID()
            _ = try await stores.superuser.query("DELETE FROM tessera.job_runs WHERE job = 'tokens'")
            let table = HousekeepingTable(JobsDatabase(stores.jobs))
            #expect(try await table.claim(by: node, ifNotDoneSince: .now))
            #expect(try await table.step(.dropAudit(afterDays: 400), most: 3000, as: node) == 3000)
        }
        let (faults, _) = try await stores.auditVerification(chains: chains).faults(of: tenant) { _ in }
        #expect(faults.isEmpty)
        #expect(try await stores.auditFault(of: tenant) == nil)
    }

    @Test func theRoleThatVerifiesChangesNothing() async throws {
        let stores = try Stores.required()
        for table in ["audit_log", "audit_head", "audit_anchor"] {
            for statement in ["DELETE FROM tessera.\(table)", "UPDATE tessera.\(table) SET seq = 1", "INSERT INTO tessera.\(table) (seq) VALUES (1)"]
            {
                #expect(try await sqlState { _ = try await stores.admin.query(SQL(unsafeRaw: statement)) } == .insufficientPrivilege, "\(statement)")
            }
        }
    }

    /// Changes an entry and makes its hash fit again.
    private func rewrite(_ seq: Int64, of tenant: TenantID, _ stores: Stores) async throws {
        _ = try await stores.superuser.query("UPDATE tessera.audit_log SET target_id = 'x' WHERE tenant_id = \(tenant.uuid) AND seq = \(seq)")
        _ = try await stores.superuser.query(
            """
            UPDATE tessera.audit_log SET hash = tessera.audit_digest(previous_hash, tenant_id, seq, id, occurred_at, actor_type, actor_id, action,
                target_type, target_id, ip_address, request_id, changes)
            WHERE tenant_id = \(tenant.uuid) AND seq = \(seq)
            """)
    }

    /// The heads of these as they would be logged now.
    private func loggedHeads(of tenants: [TenantID], _ stores: Stores) async throws -> [AuditHead] {
        let rows = try await stores.superuser.query(
            """
            SELECT h.tenant_id, h.seq, h.hash FROM tessera.audit_head h JOIN unnest(\(tenants.map(\.uuid))) WITH ORDINALITY AS t (id, number)
            ON t.id = h.tenant_id ORDER BY t.number
            """)
        return try rows.decode(UUID.self, Int64.self, Bytea.self).map { tenant, seq, hash in
            AuditHead(tenant: TenantID(tenant), place: AuditPlace(seq: seq, hash: AuditHash(bytes: hash.bytes)), occurredAt: .now)
        }
    }
}

/// Chains to which something happens once the first page was read.
private final class Interrupted: AuditChains {
    private let chains: any AuditChains
    private let interruption: @Sendable () async throws -> Void
    private let isFirst = Mutex(true)

    init(_ chains: any AuditChains, _ interruption: @escaping @Sendable () async throws -> Void) {
        (self.chains, self.interruption) = (chains, interruption)
    }

    func tenants(behind tenant: TenantID?, most: Int) async throws -> [TenantID] { try await chains.tenants(behind: tenant, most: most) }
    func bounds(of tenant: TenantID) async throws -> AuditBounds { try await chains.bounds(of: tenant) }
    func places(of heads: [AuditHead]) async throws -> [AuditPlaceNow] { try await chains.places(of: heads) }

    func links(of tenant: TenantID, behind seq: Int64, through last: Int64, most: Int) async throws -> (links: [AuditLink], anchor: AuditPlace?) {
        let page = try await chains.links(of: tenant, behind: seq, through: last, most: most)
        let isFirst = isFirst.withLock { isFirst in
            defer { isFirst = false }
            return isFirst
        }
        if isFirst { try await interruption() }
        return page
    }
}
