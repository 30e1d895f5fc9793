import Postgres
import Support
import Testing

/// Units share a connection and nothing else.
@Suite(.ownDatabase, .timeLimit(.minutes(1))) struct UnitTests {
    @Test func aUnitAnswersTheRowsOfEachStatement() async throws {
        try await withPool(SuiteDatabase.required().pool()) { pool in
            let answers = try await pool.unit(
                ["SELECT 1", "SELECT 2 WHERE false", "SELECT 3 UNION SELECT 4 ORDER BY 1"], settings: [Setting("app.x", "y")])
            #expect(try answers.map { try $0.decode(Int.self) } == [[1], [], [3, 4]])
            #expect(try await pool.unit([]).isEmpty)
        }
    }

    @Test func theCommandTagTellsHowManyRowsWereTouched() async throws {
        let owner = try await SuiteDatabase.required().connect()
        try await owner.script("CREATE TABLE touched (x int)")
        #expect(try await owner.query("INSERT INTO touched SELECT generate_series(1, 5)").affected == 5)
        #expect(try await owner.query("UPDATE touched SET x = 0 WHERE x > 2").affected == 3)
        #expect(try await owner.query("DELETE FROM touched WHERE x = 9").affected == 0)
        #expect(try await owner.query("SELECT * FROM touched").affected == 5)
        #expect(try await owner.query("CREATE TABLE untouched (x int)").affected == 0)
        await owner.close()
    }

    /// A lock holds the first unit on the server while the others pile up behind it in the pipeline, every third one faulty.
    @Test func anErrorInTheMiddleOfAPipelineTouchesNoNeighbour() async throws {
        let owner = try await SuiteDatabase.required().connect()
        try await owner.script("CREATE TABLE neighbours (n int)")
        _ = try await owner.query("SELECT pg_advisory_lock(101)")
        try await withPool(SuiteDatabase.required().pool(shared: 1)) { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await pool.query("SELECT pg_advisory_xact_lock(101)") }
                try await eventually("the pipeline is held") { try await owner.sees(waiterFor: 101) }
                for number in 0..<90 {
                    group.addTask {
                        let insert: SQL = "INSERT INTO neighbours VALUES (\(number)) RETURNING n"
                        guard number % 3 == 0 else {
                            let answers = try await pool.unit([insert, "SELECT \(number) * 2"])
                            #expect(try answers[0].only(Int32.self) == Int32(number))
                            #expect(try answers[1].only(Int.self) == number * 2)
                            return
                        }
                        let error = await #expect(throws: PostgresError.self) {
                            try await pool.unit([insert, "SELECT 1 / (\(number) - \(number))", "INSERT INTO neighbours VALUES (-1)"])
                        }
                        #expect(error?.sqlState?.rawValue == "22012")
                    }
                }
                try await eventually("all are in flight") { pool.gauges.inFlight == 91 }
                _ = try await owner.query("SELECT pg_advisory_unlock(101)")
                try await group.waitForAll()
            }
            let kept = try await pool.query("SELECT array_agg(n ORDER BY n) FROM neighbours").only([Int].self)
            #expect(kept == (0..<90).filter { $0 % 3 != 0 })
            #expect(pool.gauges.inFlight == 0)
        }
        await owner.close()
    }

    @Test func aFaultyUnitGetsItsFirstError() async throws {
        try await withPool(SuiteDatabase.required().pool()) { pool in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.unit(["SELECT 1", "SELECT 1 / 0", "SELECT * FROM nowhere"])
            }
            #expect(error?.sqlState?.rawValue == "22012")
        }
    }

    @Test func aUnitIsOneTransaction() async throws {
        let owner = try await SuiteDatabase.required().connect()
        try await owner.script("CREATE TABLE atomic (n int PRIMARY KEY)")
        try await withPool(SuiteDatabase.required().pool()) { pool in
            await #expect(throws: PostgresError.self) {
                try await pool.unit(["INSERT INTO atomic VALUES (1)", "INSERT INTO atomic VALUES (2)", "INSERT INTO atomic VALUES (1)"])
            }
            #expect(try await pool.query("SELECT count(*) FROM atomic").only(Int.self) == 0)
            let (first, second) = try await {
                let answers = try await pool.unit(["SELECT txid_current()", "SELECT txid_current()"])
                return (try answers[0].only(Int.self), try answers[1].only(Int.self))
            }()
            #expect(first == second)
        }
        await owner.close()
    }

    @Test func settingsHoldForTheirUnitOnly() async throws {
        try await withPool(SuiteDatabase.required().pool(shared: 1)) { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let setting = number % 2 == 0 ? [Setting("app.tenant_id", "tenant \(number)")] : []
                        let seen = try await pool.query("SELECT coalesce(current_setting('app.tenant_id', true), '')", settings: setting)
                        #expect(try seen.only(String.self) == (number % 2 == 0 ? "tenant \(number)" : ""))
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// More values than the protocol can count: the caller's fault, and nobody else's.
    @Test func tooManyParametersFailAlone() async throws {
        let owner = try await SuiteDatabase.required().connect()
        _ = try await owner.query("SELECT pg_advisory_lock(102)")
        var list: SQL = "\(0)"
        for _ in 0..<16 { list = "\(list), \(list)" }
        let tooMany: SQL = "SELECT \(list)"
        try await withPool(SuiteDatabase.required().pool(shared: 1)) { pool in
            async let neighbour = pool.unit(["SELECT pg_advisory_xact_lock(102)", "SELECT 'unharmed'"])
            try await eventually("the neighbour is in flight") { try await owner.sees(waiterFor: 102) }
            let error = await #expect(throws: PostgresError.self) { try await pool.unit(["SELECT 1", tooMany]) }
            #expect(error?.isConnectionLoss == false)
            _ = try await owner.query("SELECT pg_advisory_unlock(102)")
            #expect(try await neighbour[1].only(String.self) == "unharmed")
        }
        await owner.close()
    }
}
