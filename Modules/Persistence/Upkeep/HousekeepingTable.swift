package import Domain
package import FoundationEssentials
import Postgres

/// Housekeeping by the owner's functions, under a row that one node at a time holds.
package struct HousekeepingTable: Housekeeping {
    private let database: JobsDatabase

    package init(_ database: JobsDatabase) { self.database = database }

    package func claim(by holder: UUID, ifNotDoneSince time: Date) async throws -> Bool {
        try await lease.claim(by: holder, ifNotDoneSince: time)
    }

    package func step(_ chore: Chore, most: Int, as holder: UUID) async throws -> Int? {
        let call: SQL =
            switch chore {
            case .retireIdle: "SELECT tessera.tokens_retire_idle(\(holder), \(Int32(most)))"
            case .bury(let days): "SELECT tessera.tokens_bury(\(holder), \(Int32(most)), \(Int32(days)))"
            case .forgetNotices: "SELECT tessera.notices_forget(\(holder), \(Int32(most)))"
            case .dropAudit(let days): "SELECT tessera.audit_drop(\(holder), \(Int32(most)), \(Int32(days)))"
            }
        return try await database.query(call).decode(Int?.self).first ?? nil
    }

    package func finish(by holder: UUID) async throws -> Bool { try await lease.finish(by: holder) }

    private var lease: JobLease { JobLease("tokens", database) }
}
