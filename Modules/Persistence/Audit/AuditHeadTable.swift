package import Domain
package import FoundationEssentials
import Postgres

/// The heads that are to be logged, by the owner's functions, under a row that one node at a time holds.
package struct AuditHeadTable: AuditHeads {
    private let database: JobsDatabase

    package init(_ database: JobsDatabase) { self.database = database }

    package func claim(by holder: UUID, ifNotDoneSince time: Date) async throws -> Bool {
        try await lease.claim(by: holder, ifNotDoneSince: time)
    }

    package func due(behind tenant: TenantID?, most: Int, as holder: UUID) async throws -> [AuditHead] {
        let rows = try await database.query(
            "SELECT tenant, seq, hash, occurred_at FROM tessera.audit_heads_due(\(holder), \(Int32(most)), \(tenant?.uuid))")
        return try rows.decode(UUID.self, Int64.self, Bytea.self, Date?.self).map { tenant, seq, hash, occurredAt in
            AuditHead(
                tenant: TenantID(tenant), place: AuditPlace(seq: seq, hash: AuditHash(bytes: hash.bytes)), occurredAt: occurredAt)
        }
    }

    package func note(_ heads: [AuditHead]) async throws {
        if heads.isEmpty { return }
        _ = try await database.query("SELECT tessera.audit_heads_note(\(heads.map(\.tenant.uuid)), \(heads.map(\.place.seq)))")
    }

    package func finish(by holder: UUID) async throws -> Bool { try await lease.finish(by: holder) }

    private var lease: JobLease { JobLease("audit_heads", database) }
}
