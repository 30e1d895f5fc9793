import Postgres
import Support
import Testing

/// Several statements in one text, as migrations have them.
@Suite(.ownDatabase, .timeLimit(.minutes(1)), .serialized) struct ScriptTests {
    @Test func everyStatementRunsAndThePipelineGoesOn() async throws {
        let connection = try await SuiteDatabase.required().connect()
        try await connection.script("CREATE TABLE script_a (x int); INSERT INTO script_a VALUES (1), (2); INSERT INTO script_a VALUES (3)")
        #expect(try await connection.query("SELECT sum(x) FROM script_a").only(Int.self) == 6)
        try await connection.script("")
        try await connection.script("-- nothing but a remark")
        #expect(try await connection.query("SELECT count(*) FROM script_a").only(Int.self) == 3)
        await connection.close()
    }

    @Test func anErrorUndoesTheScriptAndTellsItsPosition() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let script = "CREATE TABLE script_b (x int); SELECT * FROM missing_table; CREATE TABLE script_c (x int)"
        let error = await #expect(throws: PostgresError.self) { try await connection.script(script) }
        #expect(error?.sqlState == .undefinedTable)
        let position = try #require(error?.position)
        #expect(script.dropFirst(position - 1).hasPrefix("missing_table"))
        #expect(try await connection.query("SELECT to_regclass('script_b') IS NULL AND to_regclass('script_c') IS NULL").only(Bool.self))
        await connection.close()
    }

    @Test func aTransactionAcrossScriptsAndQueriesHolds() async throws {
        let connection = try await SuiteDatabase.required().connect()
        try await connection.script("BEGIN; CREATE TABLE script_d (x int)")
        _ = try await connection.query("INSERT INTO script_d VALUES (\(7))")
        try await connection.script("ROLLBACK")
        #expect(try await connection.query("SELECT to_regclass('script_d') IS NULL").only(Bool.self))
        await connection.close()
    }

    @Test func statementsThatRefuseTransactionsRunAlone() async throws {
        let connection = try await SuiteDatabase.required().connect()
        try await connection.script("CREATE TABLE script_e (x int)")
        try await connection.script("CREATE INDEX CONCURRENTLY script_e_x ON script_e (x)")
        try await connection.script("VACUUM script_e")
        await connection.close()
    }

    @Test func noticesAreNoErrors() async throws {
        let connection = try await SuiteDatabase.required().connect()
        try await connection.script("DO $$ BEGIN RAISE NOTICE 'heard'; RAISE WARNING 'heard too'; END $$; DROP TABLE IF EXISTS never_was")
        #expect(try await connection.query("SELECT 1").only(Int.self) == 1)
        await connection.close()
    }

    /// Nobody is there to feed the copy: it must end as an error, not in a loop.
    @Test(arguments: ["COPY script_copy FROM STDIN", "COPY (SELECT 1) TO STDOUT"])
    func copyingThroughTheConnectionIsRefused(copy: String) async throws {
        let connection = try await SuiteDatabase.required().connect()
        try await connection.script("CREATE TABLE IF NOT EXISTS script_copy (x int)")
        await #expect(throws: PostgresError.self) { try await connection.script(copy) }
        await connection.close()
        let another = try await SuiteDatabase.required().connect()
        await #expect(throws: PostgresError.self) { try await another.query(SQL(unsafeRaw: copy)) }
        await another.close()
    }

    @Test func aScriptThatLosesItsServerFails() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.script("SELECT pg_terminate_backend(pg_backend_pid()); SELECT pg_sleep(30)")
        }
        #expect(error?.isConnectionLoss == true)
        try await eventually("the connection is known to be gone") { !connection.isOpen }
    }
}
