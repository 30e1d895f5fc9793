import Postgres

/// One runner a database at a time, by a session's advisory lock.
///
/// The lock is tried and tried again, never waited for: a session that waits inside a statement holds a snapshot, and
/// CREATE INDEX CONCURRENTLY would wait for that snapshot for ever.
struct MigrationLock {
    let connection: PostgresConnection

    /// "tesseram" as a number: the same in every version.
    private static let key: Int64 = 0x7465_7373_6572_616D

    /// Throws ``MigrationFailure`` of kind `locked` after `patience`, naming the process that holds it; refuses a connection through
    /// a transaction pooler, where the lock would stay behind on a stranger's session.
    func acquire(patience: Duration, onWait: @Sendable (String) -> Void) async throws {
        try await refusePooler()
        let deadline = ContinuousClock.now + patience
        var hasTold = false
        while try await connection.query("SELECT pg_try_advisory_lock(\(Self.key))").decode(Bool.self) != [true] {
            let holder = try await holder()
            if ContinuousClock.now >= deadline {
                throw MigrationFailure(.locked, "Another runner (\(holder)) holds the lock. Wait for it, or raise --lock-wait.")
            }
            if !hasTold { onWait("Another runner (\(holder)) is at work; waiting up to \(patience).") }
            hasTold = true
            try await Task.sleep(for: .milliseconds(Int.random(in: 400...600)))
        }
    }

    func release() async {
        _ = try? await connection.query("SELECT pg_advisory_unlock(\(Self.key))")
    }

    private func holder() async throws -> String {
        let rows = try await connection.query(
            """
            SELECT a.pid, coalesce(a.application_name, '') FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.classid = \(Int64(Self.key >> 32))::oid AND l.objid = \(Self.key & 0xFFFF_FFFF)::oid
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """
        ).decode(Int32.self, String.self)
        return rows.first.map { "process \($0.0) \($0.1)" } ?? "which has just ended"
    }

    private func refusePooler() async throws {
        var processes: Set<Int32> = []
        for _ in 0..<3 { processes.formUnion(try await connection.query("SELECT pg_backend_pid()").decode(Int32.self)) }
        if processes.count > 1 {
            throw MigrationFailure(.usage, "This URL leads through a transaction pooler: give the migrator a direct one.")
        }
    }
}
