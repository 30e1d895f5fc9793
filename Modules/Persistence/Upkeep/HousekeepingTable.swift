package import Domain
package import FoundationEssentials
import Postgres

/// Housekeeping by the owner's functions, under a row that one node at a time holds.
package struct HousekeepingTable: Housekeeping {
    private let database: JobsDatabase

    package init(_ database: JobsDatabase) { self.database = database }

    package func claim(by holder: UUID, ifNotDoneSince time: Date) async throws -> Bool {
        // By primary key.
        try await !database.query(
            """
            INSERT INTO tessera.job_runs AS j (job, holder, leased_until) VALUES ('tokens', \(holder), now() + interval '5 minutes')
            ON CONFLICT (job) DO UPDATE SET holder = excluded.holder, leased_until = excluded.leased_until
            WHERE j.leased_until <= now() AND coalesce(j.last_finished_at < \(time), true)
            RETURNING 1
            """
        ).isEmpty
    }

    package func step(_ chore: Chore, most: Int, as holder: UUID) async throws -> Int? {
        let call: SQL =
            switch chore {
            case .retireIdle: "SELECT tessera.tokens_retire_idle(\(holder), \(Int32(most)))"
            case .bury(let days): "SELECT tessera.tokens_bury(\(holder), \(Int32(most)), \(Int32(days)))"
            case .forgetNotices: "SELECT tessera.notices_forget(\(holder), \(Int32(most)))"
            }
        return try await database.query(call).decode(Int?.self).first ?? nil
    }

    package func finish(by holder: UUID) async throws -> Bool {
        // By primary key.
        try await !database.query(
            """
            UPDATE tessera.job_runs SET leased_until = now(), last_finished_at = now()
            WHERE job = 'tokens' AND holder = \(holder) AND leased_until > now() RETURNING 1
            """
        ).isEmpty
    }
}
