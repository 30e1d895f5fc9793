import Postgres
import Support
import Testing

/// Nobody waits for a connection without end, and no connection gets lost in the rush.
@Suite(.ownDatabase, .timeLimit(.minutes(1))) struct WaitingForConnectionsTests {
    @Test func theWaitForALeaseIsBounded() async throws {
        var configuration = try SuiteDatabase.required().pool(leased: 1)
        configuration.acquireTimeout = .milliseconds(100)
        try await withPool(configuration) { pool in
            try await pool.transaction { _ in
                let start = ContinuousClock.now
                let error = await #expect(throws: PostgresError.self) { try await pool.transaction { _ in } }
                #expect(error?.kind == .poolTimeout)
                #expect(ContinuousClock.now - start < .seconds(2))
            }
            try await pool.transaction { _ in }
        }
    }

    @Test func whoWaitsGetsTheLeaseThatIsGivenBack() async throws {
        let owner = try await SuiteDatabase.required().connect()
        try await owner.script("CREATE TABLE waited (n int)")
        var configuration = try SuiteDatabase.required().pool(leased: 2)
        configuration.acquireTimeout = .seconds(30)
        try await withPool(configuration) { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask { try await pool.transaction { _ = try await $0.query("INSERT INTO waited VALUES (\(number))") } }
                }
                try await group.waitForAll()
            }
            #expect(try await pool.query("SELECT count(*) FROM waited").only(Int.self) == 50)
        }
        await owner.close()
    }

    /// Leases are given back at the very moment at which those who wait lose patience: each must stay with someone.
    @Test func aLeaseHandedOverAtTheLastMomentIsNotLost() async throws {
        var configuration = try SuiteDatabase.required().pool(leased: 1)
        configuration.acquireTimeout = .milliseconds(4)
        try await withPool(configuration) { pool in
            for _ in 0..<150 {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            try? await pool.transaction { _ in try await Task.sleep(for: .microseconds(3_500)) }
                        }
                    }
                }
            }
            try await eventually("the lease is still there") { (try? await pool.transaction { _ in }) != nil }
        }
    }

    @Test func aCancelledWaiterLeavesTheQueue() async throws {
        var configuration = try SuiteDatabase.required().pool(leased: 1)
        configuration.acquireTimeout = .seconds(30)
        try await withPool(configuration) { pool in
            try await pool.transaction { _ in
                let waiter = Task { try await pool.transaction { _ in } }
                waiter.cancel()
                await #expect(throws: CancellationError.self) { try await waiter.value }
            }
            try await pool.transaction { _ in }
        }
    }

    @Test func callersBeforeTheFirstConnectionWaitForIt() async throws {
        let pool = try PostgresPool(SuiteDatabase.required().pool(), logger: .silent)
        async let early = pool.query("SELECT 'early'")
        try await eventually("the caller waits") { pool.gauges.waiting == 1 }
        try await withService(pool) { () async throws in #expect(try await pool.query("SELECT 1").only(Int.self) == 1) }
        #expect(try await early.only(String.self) == "early")
    }

    @Test func callersOfAPoolThatNeverRunsAreToldInTime() async throws {
        var configuration = try SuiteDatabase.required().pool()
        configuration.acquireTimeout = .milliseconds(50)
        let pool = PostgresPool(configuration, logger: .silent)
        let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
        #expect(error?.kind == .poolTimeout)
    }
}
