import Postgres
import Testing

@Suite(.ownDatabase, .timeLimit(.minutes(1))) struct TransactionTests {
    @Test func whatIsDoneIsCommitted() async throws {
        let owner = try await SuiteDatabase.required().connect()
        try await owner.script("CREATE TABLE committed (n int)")
        try await withPool(SuiteDatabase.required().pool()) { pool in
            let answer = try await pool.transaction(settings: [Setting("app.tenant_id", "t")]) { lease in
                _ = try await lease.query("INSERT INTO committed VALUES (1)")
                #expect(try await pool.query("SELECT count(*) FROM committed").only(Int.self) == 0)
                return try await lease.query("SELECT current_setting('app.tenant_id')").only(String.self)
            }
            #expect(answer == "t")
            #expect(try await pool.query("SELECT count(*) FROM committed").only(Int.self) == 1)
            let after = try await pool.transaction { try await $0.query("SELECT current_setting('app.tenant_id')").only(String.self) }
            #expect(after.isEmpty)
        }
        await owner.close()
    }

    @Test func anErrorRollsBackAndTheConnectionServesTheNext() async throws {
        struct ChangedMyMind: Error {}
        let owner = try await SuiteDatabase.required().connect()
        try await owner.script("CREATE TABLE undone (n int)")
        try await withPool(SuiteDatabase.required().pool(leased: 1)) { pool async throws in
            let first = try await pool.transaction { await $0.backendPID() }
            await #expect(throws: ChangedMyMind.self) {
                try await pool.transaction { lease in
                    _ = try await lease.query("INSERT INTO undone VALUES (1)")
                    throw ChangedMyMind()
                }
            }
            await #expect(throws: PostgresError.self) { try await pool.transaction { _ = try await $0.query("SELECT 1 / 0") } }
            #expect(try await pool.query("SELECT count(*) FROM undone").only(Int.self) == 0)
            #expect(try await pool.transaction { await $0.backendPID() } == first)
        }
        await owner.close()
    }

    /// COMMIT of a failed transaction answers ROLLBACK without an error: to say it was committed would be a lie.
    @Test func aSwallowedErrorIsNotReportedAsCommitted() async throws {
        let owner = try await SuiteDatabase.required().connect()
        try await owner.script("CREATE TABLE swallowed (n int)")
        try await withPool(SuiteDatabase.required().pool(leased: 1)) { pool async throws in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.transaction { lease in
                    _ = try await lease.query("INSERT INTO swallowed VALUES (1)")
                    _ = try? await lease.query("SELECT 1 / 0")
                }
            }
            #expect(error?.sqlState == .inFailedTransaction)
            #expect(try await pool.query("SELECT count(*) FROM swallowed").only(Int.self) == 0)
            #expect(try await pool.transaction { try await $0.query("SELECT 1").only(Int.self) } == 1)
        }
        await owner.close()
    }

    @Test func aSavepointKeepsTheTransactionAlive() async throws {
        try await withPool(SuiteDatabase.required().pool()) { pool in
            let answer = try await pool.transaction { lease in
                _ = try await lease.query("SAVEPOINT before")
                _ = try? await lease.query("SELECT 1 / 0")
                _ = try await lease.query("ROLLBACK TO before")
                return try await lease.query("SELECT 5").only(Int.self)
            }
            #expect(answer == 5)
        }
    }

    @Test func aQueryInsideAStreamOfItsOwnConnectionIsAnErrorAndNoDeadlock() async throws {
        try await withPool(SuiteDatabase.required().pool()) { pool in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.transaction { lease in
                    try await lease.stream("SELECT repeat('x', 1000) FROM generate_series(1, 100000)") { _ in _ = try await lease.query("SELECT 1") }
                }
            }
            #expect(error?.kind == .connection)
        }
    }
}
