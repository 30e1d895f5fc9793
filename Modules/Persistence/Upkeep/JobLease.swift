import FoundationEssentials
import Postgres

/// The row of `job_runs` that one node at a time holds for a job.
struct JobLease {
    private let job: String
    private let database: JobsDatabase

    init(_ job: String, _ database: JobsDatabase) {
        self.job = job
        self.database = database
    }

    /// Takes it for five minutes if the job wasn't done since `time` and nobody else is at it.
    func claim(by holder: UUID, ifNotDoneSince time: Date) async throws -> Bool {
        // By primary key.
        try await !database.query(
            """
            INSERT INTO tessera.job_runs AS j (job, holder, leased_until) VALUES (\(job), \(holder), now() + interval '5 minutes')
            ON CONFLICT (job) DO UPDATE SET holder = excluded.holder, leased_until = excluded.leased_until
            WHERE j.leased_until <= now() AND coalesce(j.last_finished_at < \(time), true)
            RETURNING 1
            """
        ).isEmpty
    }

    /// Gives it back with the job done; false: it was another's by then.
    func finish(by holder: UUID) async throws -> Bool {
        // By primary key.
        try await !database.query(
            """
            UPDATE tessera.job_runs SET leased_until = now(), last_finished_at = now()
            WHERE job = \(job) AND holder = \(holder) AND leased_until > now() RETURNING 1
            """
        ).isEmpty
    }
}
