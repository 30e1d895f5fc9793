import Postgres
import ServiceLifecycle
import Support
import Testing

@Suite(.ownDatabase, .timeLimit(.minutes(1))) struct ShutdownTests {
    @Test func whatIsInFlightIsAnsweredBeforeThePoolIsGone() async throws {
        let owner = try await SuiteDatabase.required().connect()
        _ = try await owner.query("SELECT pg_advisory_lock(401)")
        let pool = try PostgresPool(SuiteDatabase.required().pool(shared: 2), logger: .silent)
        let group = ServiceGroup(services: [pool], logger: .silent)
        async let running: Void = group.run()
        async let inFlight = pool.unit(["SELECT pg_advisory_xact_lock(401)", "SELECT 'answered'"])
        async let transaction = pool.transaction { lease in
            _ = try await lease.query("SELECT pg_advisory_xact_lock_shared(401)")
            return try await lease.query("SELECT 'committed'").only(String.self)
        }
        try await eventually("both wait") {
            try await owner.query("SELECT count(*) FROM pg_locks WHERE objid = 401 AND NOT granted").only(Int.self) == 2
        }
        await group.triggerGracefulShutdown()
        _ = try await owner.query("SELECT pg_advisory_unlock(401)")
        #expect(try await inFlight[1].only(String.self) == "answered")
        #expect(try await transaction == "committed")
        try await running
        try await eventually("no connection is left") {
            try await owner.query(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%(401)%' AND pid <> pg_backend_pid()"
            ).only(Int.self) == 0
        }
        await owner.close()
    }

    @Test func aPoolThatHasStoppedRefusesWork() async throws {
        let pool = try PostgresPool(SuiteDatabase.required().pool(), logger: .silent)
        try await withService(pool) { _ = try await pool.query("SELECT 1") }
        let query = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
        #expect(query?.kind == .poolClosed)
        let transaction = await #expect(throws: PostgresError.self) { try await pool.transaction { _ in } }
        #expect(transaction?.kind == .poolClosed)
    }

    @Test func aPoolWithoutAServerStops() async throws {
        let configuration = PostgresPool.Configuration(connection: ConnectionConfiguration(url: "host=/nonexistent dbname=none"))
        try await withPool(configuration) { pool in
            try await eventually("it has failed") { (try? await pool.query("SELECT 1")) == nil }
        }
    }
}
