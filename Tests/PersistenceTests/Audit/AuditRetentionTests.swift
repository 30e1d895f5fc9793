import Domain
import Foundation
import Persistence
import Postgres
import Testing

/// Old entries go from the start of a chain, an anchor stays, and what is left still verifies; heads are logged by one node.
@Suite(.ownDatabase, .serialized) struct AuditRetentionTests {
    /// A node that holds the lease of housekeeping.
    private func node(_ stores: Stores) async throws -> (table: any Housekeeping, id: UUID) {
        _ = try await stores.superuser.query("DELETE FROM tessera.job_runs")
        let (table, id) = (HousekeepingTable(JobsDatabase(stores.jobs)), UUID())
        #expect(try await table.claim(by: id, ifNotDoneSince: .now))
        return (table, id)
    }

    private func seqs(_ tenant: TenantID, _ stores: Stores) async throws -> [Int64] {
        try await stores.superuser.query("SELECT seq FROM tessera.audit_log WHERE tenant_id = \(tenant.uuid) ORDER BY seq").decode(Int64.self)
    }

    @Test func oldEntriesGoInStepsAndTheChainStillVerifies() async throws {
        let stores = try Stores.required()
        let (old, mixed, young) = (
            try await stores.chain(of: 5, daysAgo: 401), try await stores.chain(of: 5, daysAgo: 401), try await stores.chain(of: 2)
        )
        try await stores.write(3, in: mixed, daysAgo: 399)
        let (table, node) = try await node(stores)
        #expect(try await table.step(.dropAudit(afterDays: 400), most: 7, as: node) == 7)
        for tenant in [old, mixed, young] { #expect(try await stores.auditFault(of: tenant) == nil) }
        #expect(try await table.step(.dropAudit(afterDays: 400), most: 7, as: node) == 3)
        #expect(try await table.step(.dropAudit(afterDays: 400), most: 7, as: node) == 0)
        #expect(try await seqs(old, stores).isEmpty)
        #expect(try await seqs(mixed, stores) == [6, 7, 8])
        #expect(try await seqs(young, stores) == [1, 2])
        // Chains go on from where they were.
        try await stores.write(1, in: old)
        #expect(try await seqs(old, stores) == [6])
        for tenant in [old, mixed, young] { #expect(try await stores.auditFault(of: tenant) == nil) }
        // What is missing behind the anchor is found as before.
        _ = try await stores.superuser.query("DELETE FROM tessera.audit_log WHERE tenant_id = \(mixed.uuid) AND seq = 6")
        #expect(try await stores.auditFault(of: mixed) == .missing(6...6))
        // And so is an anchor that was put elsewhere.
        _ = try await stores.superuser.query("UPDATE tessera.audit_anchor SET seq = 6 WHERE tenant_id = \(mixed.uuid)")
        #expect(try await stores.auditFault(of: mixed) == .unlinked(7, try await stores.auditID(7, of: mixed)))
        #expect(try await table.step(.dropAudit(afterDays: 400), most: 7, as: UUID()) == nil)
    }

    @Test func anOldEntryBehindAYoungerOneWaitsForItAndHoldsUpNobodyElse() async throws {
        let stores = try Stores.required()
        let (stuck, other) = (try await stores.chain(of: 1), try await stores.chain(of: 2, daysAgo: 401))
        try await stores.write(9, in: stuck, daysAgo: 500)
        let (table, node) = try await node(stores)
        #expect(try await table.step(.dropAudit(afterDays: 400), most: 5, as: node) == 2)
        #expect(try await seqs(stuck, stores).count == 10)
        #expect(try await seqs(other, stores).isEmpty)
        #expect(try await stores.auditFault(of: stuck) == nil)
    }

    @Test func aLoggedHeadMayHaveBeenDroppedWhenItWasOldEnough() async throws {
        let stores = try Stores.required()
        let tenant = try await stores.chain(of: 5, daysAgo: 401)
        let (table, node) = try await node(stores)
        func head(_ seq: Int64, daysAgo: Double) async throws -> AuditHead {
            let hash = try await stores.superuser.query("SELECT hash FROM tessera.audit_log WHERE tenant_id = \(tenant.uuid) AND seq = \(seq)")
                .decode(Bytea.self)[0]
            return AuditHead(
                tenant: tenant, place: AuditPlace(seq: seq, hash: AuditHash(bytes: hash.bytes)),
                occurredAt: Date(timeIntervalSinceNow: -daysAgo * 86_400))
        }
        let heads = [try await head(2, daysAgo: 401), try await head(5, daysAgo: 401)]
        let tooYoung = try await head(3, daysAgo: 10)
        _ = try await table.step(.dropAudit(afterDays: 400), most: 7, as: node)
        #expect(try await stores.auditVerification().faults(of: heads).isEmpty)
        #expect(try await stores.auditVerification().faults(of: [tooYoung]).map(\.kind) == [.droppedTooSoon(3, days: 400)])
        let other = AuditHead(tenant: tenant, place: AuditPlace(seq: 5, hash: heads[0].place.hash), occurredAt: nil)
        #expect(try await stores.auditVerification().faults(of: [other]).map(\.kind) == [.otherThanLogged(5)])
    }

    @Test func oneNodeLogsEachHeadThatMoved() async throws {
        let stores = try Stores.required()
        _ = try await stores.superuser.query("DELETE FROM tessera.job_runs")
        let (first, second) = (try await stores.chain(of: 3), try await stores.chain(of: 1))
        let (heads, node, other) = (stores.auditHeads, UUID(), UUID())
        let hour = Date(timeIntervalSinceNow: -60)
        #expect(try await heads.claim(by: node, ifNotDoneSince: hour))
        #expect(try await !heads.claim(by: other, ifNotDoneSince: hour))
        #expect(try await heads.due(behind: nil, most: 1000, as: other).isEmpty)
        let due = try await heads.due(behind: nil, most: 1000, as: node)
        #expect(due.map(\.tenant) == due.map(\.tenant).sorted())
        #expect(due.first { $0.tenant == first }?.place.seq == 3)
        #expect(due.first { $0.tenant == second }?.place.seq == 1)
        #expect(due.filter { [first, second].contains($0.tenant) }.allSatisfy { $0.occurredAt != nil })
        #expect(try await heads.due(behind: due.last?.tenant, most: 1000, as: node).isEmpty)
        try await heads.note(due)
        #expect(try await heads.finish(by: node))
        #expect(try await !heads.claim(by: other, ifNotDoneSince: hour))
        // An hour later: only what moved.
        try await stores.write(1, in: second)
        #expect(try await heads.claim(by: other, ifNotDoneSince: Date(timeIntervalSinceNow: 60)))
        let moved = try await heads.due(behind: nil, most: 1000, as: other)
        #expect(moved.map(\.tenant) == [second])
        #expect(moved.map(\.place.seq) == [2])
        #expect(try await stores.auditVerification().faults(of: due + moved).isEmpty)
    }
}
