import Postgres
import Support
import Testing

/// What a cancelled caller leaves behind depends on how far its request had come.
@Suite(.ownDatabase, .timeLimit(.minutes(1))) struct CancellationTests {
    /// More requests than may be on the wire at once: the last stays here, and is taken back.
    @Test func aRequestNotYetSentNeverHappens() async throws {
        let owner = try await SuiteDatabase.required().connect()
        try await owner.script("CREATE TABLE unsent (n int)")
        _ = try await owner.query("SELECT pg_advisory_lock(201)")
        try await withPool(SuiteDatabase.required().pool(shared: 1)) { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await pool.query("SELECT pg_advisory_xact_lock(201)") }
                try await eventually("the pipeline is held") { try await owner.sees(waiterFor: 201) }
                for _ in 0..<200 { group.addTask { _ = try await pool.query("SELECT 1") } }
                try await eventually("the wire is full") { pool.gauges.inFlight == 201 }
                let insert = Task { try await pool.query("INSERT INTO unsent VALUES (1)") }
                try await eventually("the insert waits its turn") { pool.gauges.inFlight == 202 }
                insert.cancel()
                await #expect(throws: CancellationError.self) { try await insert.value }
                _ = try await owner.query("SELECT pg_advisory_unlock(201)")
                try await group.waitForAll()
            }
            #expect(try await pool.query("SELECT count(*) FROM unsent").only(Int.self) == 0)
            #expect(pool.gauges.inFlight == 0)
        }
        await owner.close()
    }

    @Test func aRequestOnASharedConnectionRunsOnAndItsRowsAreDropped() async throws {
        let owner = try await SuiteDatabase.required().connect()
        try await owner.script("CREATE TABLE sent (n int)")
        _ = try await owner.query("SELECT pg_advisory_lock(202)")
        try await withPool(SuiteDatabase.required().pool(shared: 1)) { pool in
            let pid = try await pool.query("SELECT pg_backend_pid()").only(Int32.self)
            let insert = Task { try await pool.unit(["SELECT pg_advisory_xact_lock(202)", "INSERT INTO sent VALUES (1)"]) }
            try await eventually("the server has it") { try await owner.sees(waiterFor: 202) }
            async let neighbour = pool.query("SELECT 'unharmed'")
            insert.cancel()
            await #expect(throws: CancellationError.self) { try await insert.value }
            _ = try await owner.query("SELECT pg_advisory_unlock(202)")
            #expect(try await neighbour.only(String.self) == "unharmed")
            #expect(try await pool.query("SELECT count(*) FROM sent").only(Int.self) == 1)
            #expect(try await pool.query("SELECT pg_backend_pid()").only(Int32.self) == pid)
        }
        await owner.close()
    }

    @Test func aLeasedQueryIsStoppedOnTheServerAndItsConnectionDiscarded() async throws {
        let owner = try await SuiteDatabase.required().connect()
        try await withPool(SuiteDatabase.required().pool(leased: 1)) { pool in
            let pid = try #require(try await pool.transaction { await $0.backendPID() })
            let sleeper = Task { try await pool.transaction { _ = try await $0.query("SELECT pg_sleep(59), 'leased'") } }
            try await eventually("it sleeps") { try await owner.sees(running: "'leased'") }
            let start = ContinuousClock.now
            sleeper.cancel()
            await #expect(throws: CancellationError.self) { try await sleeper.value }
            try await eventually("the backend is gone") { try await !owner.sees(backend: pid) }
            #expect(ContinuousClock.now - start < .seconds(10))
            let next = try await pool.transaction { try await $0.query("SELECT pg_backend_pid()").only(Int32.self) }
            #expect(next != pid)
        }
        await owner.close()
    }

    @Test func aCancelledStreamEndsOnTheServer() async throws {
        let owner = try await SuiteDatabase.required().connect()
        let connection = try await SuiteDatabase.required().connect()
        let pid = try #require(await connection.backendPID())
        let reader = Task { try await connection.stream("SELECT pg_sleep(59), 'streamed'") { _ in } }
        try await eventually("it sleeps") { try await owner.sees(running: "'streamed'") }
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
        try await eventually("the backend is gone") { try await !owner.sees(backend: pid) }
        await owner.close()
    }

    @Test func aCancelledScriptEndsOnTheServer() async throws {
        let owner = try await SuiteDatabase.required().connect()
        let connection = try await SuiteDatabase.required().connect()
        let pid = try #require(await connection.backendPID())
        let script = Task { try await connection.script("SELECT 1; SELECT pg_sleep(59), 'scripted'") }
        try await eventually("it sleeps") { try await owner.sees(running: "'scripted'") }
        script.cancel()
        await #expect(throws: CancellationError.self) { try await script.value }
        try await eventually("the backend is gone") { try await !owner.sees(backend: pid) }
        await owner.close()
    }

    @Test func aCancelledCallerSendsNothing() async throws {
        let owner = try await SuiteDatabase.required().connect()
        try await owner.script("CREATE TABLE never (n int)")
        try await withPool(SuiteDatabase.required().pool()) { pool in
            _ = try await pool.query("SELECT 1")
            let task = Task {
                try? await Task.sleep(for: .seconds(60))
                _ = try await pool.query("INSERT INTO never VALUES (1)")
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await pool.query("SELECT count(*) FROM never").only(Int.self) == 0)
        }
        await owner.close()
    }
}
