import Support
import Synchronization
import Testing

@testable import Postgres

@Suite(.ownDatabase, .timeLimit(.minutes(1))) struct LifetimeTests {
    /// Connections are replaced all the time while requests come: none may notice.
    @Test func anOldConnectionIsReplacedUnnoticed() async throws {
        var configuration = try SuiteDatabase.required().pool(shared: 2)
        configuration.maximumLifetime = .milliseconds(5)
        try await withPool(configuration) { pool in
            let seen = SeenBackends()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<32 {
                    group.addTask {
                        while seen.count < 150 {
                            seen.insert(try await pool.query("SELECT pg_backend_pid()").only(Int32.self))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// A request may choose a connection a moment before it is given up: then it wasn't sent, and may be made on another.
    @Test func aRequestThatComesTooLateIsKnownToBeUnsent() async throws {
        let connection = try await Connection.establish(SuiteDatabase.required().configuration, logger: .silent)
        await connection.close()
        let error = await #expect(throws: PostgresError.self) { _ = try await connection.run(["SELECT 1"]) }
        #expect(error?.isUnsent == true)
    }

    /// Its replacement doesn't wait for the slowest request of the old one.
    @Test func aSlowRequestOnAnOldConnectionDelaysNobody() async throws {
        let owner = try await SuiteDatabase.required().connect()
        _ = try await owner.query("SELECT pg_advisory_lock(301)")
        var configuration = try SuiteDatabase.required().pool(shared: 1)
        configuration.maximumLifetime = .milliseconds(300)
        try await withPool(configuration) { pool in
            async let slow = pool.unit(["SELECT pg_advisory_xact_lock(301)", "SELECT pg_backend_pid()"])
            try await eventually("it waits for its lock") { try await owner.sees(waiterFor: 301) }
            try await Task.sleep(for: .milliseconds(600))  // older than its life: what is awaited is time itself
            let next = try await pool.query("SELECT pg_backend_pid()").only(Int32.self)
            _ = try await owner.query("SELECT pg_advisory_unlock(301)")
            #expect(try await slow[1].only(Int32.self) != next)
        }
        await owner.close()
    }

    @Test func leasedConnectionsGrowOldToo() async throws {
        var configuration = try SuiteDatabase.required().pool(leased: 1)
        configuration.maximumLifetime = .milliseconds(100)
        try await withPool(configuration) { pool in
            let first = try await pool.transaction { await $0.backendPID() }
            try await eventually("another backend serves") { try await pool.transaction { await $0.backendPID() } != first }
        }
    }
}

/// The server processes that answered.
private final class SeenBackends: Sendable {
    private let pids = Mutex<Set<Int32>>([])

    var count: Int { pids.withLock(\.count) }

    func insert(_ pid: Int32) { pids.withLock { _ = $0.insert(pid) } }
}
