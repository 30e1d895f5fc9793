import Postgres
import Support
import Testing

/// Results larger than memory should hold.
@Suite(.ownDatabase, .timeLimit(.minutes(2))) struct StreamTests {
    /// 100,000 rows of a kilobyte: while the reader dawdles the server has to wait, which shows that nobody hoards them here.
    @Test func aSlowReaderHoldsUpTheServer() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let bystander = try await SuiteDatabase.required().connect()
        let pid = try #require(await connection.backendPID())
        var rows = 0
        var sum = 0
        var largest = 0
        try await connection.stream("SELECT i, repeat('x', 1000) FROM generate_series(1, 100000) AS i", batchSize: 500) { batch in
            largest = max(largest, batch.count)
            for row in batch { sum += try row.decode(Int.self, String.self).0 }
            let isPause = rows == 0 || (rows < 50_000 && rows + batch.count >= 50_000)
            rows += batch.count
            if isPause {
                try await eventually("the server waits for its reader") { try await bystander.waitEvent(of: pid) == "ClientWrite" }
            }
        }
        #expect(rows == 100_000)
        #expect(sum == 100_000 * 100_001 / 2)
        #expect(largest == 500)
        #expect(try await connection.query("SELECT 1").only(Int.self) == 1)
        await bystander.close()
        await connection.close()
    }

    @Test func noRowsAreNoBatches() async throws {
        let connection = try await SuiteDatabase.required().connect()
        var batches = 0
        try await connection.stream("SELECT 1 WHERE false") { _ in batches += 1 }
        #expect(batches == 0)
        #expect(try await connection.query("SELECT 1").only(Int.self) == 1)
        await connection.close()
    }

    @Test func valuesBindAndTheLastBatchIsWhatIsLeft() async throws {
        let connection = try await SuiteDatabase.required().connect()
        var sizes: [Int] = []
        try await connection.stream("SELECT * FROM generate_series(1, \(25))", batchSize: 10) { sizes.append($0.count) }
        #expect(sizes == [10, 10, 5])
        await connection.close()
    }

    @Test func anErrorBehindTheFirstRowsIsThrown() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.stream("SELECT 1 / (i - 5000) FROM generate_series(1, 10000) AS i", batchSize: 100) { _ in }
        }
        #expect(error?.sqlState?.rawValue == "22012")
        await connection.close()
    }

    @Test func aReaderThatThrowsEndsTheStreamOnTheServerToo() async throws {
        struct HadEnough: Error {}
        let connection = try await SuiteDatabase.required().connect()
        let bystander = try await SuiteDatabase.required().connect()
        let pid = try #require(await connection.backendPID())
        await #expect(throws: HadEnough.self) {
            try await connection.stream("SELECT repeat('x', 1000) FROM generate_series(1, 1000000)") { _ in throw HadEnough() }
        }
        try await eventually("the backend is gone") { try await !bystander.sees(backend: pid) }
        await bystander.close()
    }

    @Test func aServerLostInTheMiddleIsAnError() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let bystander = try await SuiteDatabase.required().connect()
        let pid = try #require(await connection.backendPID())
        var isFirst = true
        let error = await #expect(throws: PostgresError.self) {
            try await connection.stream("SELECT repeat('x', 1000) FROM generate_series(1, 1000000)") { _ in
                if isFirst { _ = try await bystander.query("SELECT pg_terminate_backend(\(pid))") }
                isFirst = false
            }
        }
        #expect(error?.isConnectionLoss == true)
        await bystander.close()
    }

    @Test func aStreamRunsInsideATransaction() async throws {
        try await withPool(SuiteDatabase.required().pool()) { pool in
            let count = try await pool.transaction { lease in
                var count = 0
                try await lease.stream("SELECT * FROM generate_series(1, 1000)") { count += $0.count }
                return count
            }
            #expect(count == 1000)
        }
    }
}
