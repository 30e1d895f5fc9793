import Postgres
import Testing

@Suite(.ownDatabase) struct PreparedStatementTests {
    /// Reads what the session itself has prepared.
    private static let prepared: SQL = "SELECT count(*) FROM pg_prepared_statements"

    @Test func aStatementIsPreparedOnce() async throws {
        try await withPool(SuiteDatabase.required().pool()) { pool in
            for number in 0..<20 { #expect(try await pool.query("SELECT \(number) + 1").only(Int.self) == number + 1) }
            let times = try await pool.query("SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1 + 1'").only(Int.self)
            #expect(times == 1)
        }
    }

    /// The text is the same, what `$1` means is not: eight bytes of a number must not be read as those of another type.
    @Test func theSameTextWithOtherTypesIsAnotherStatement() async throws {
        try await withPool(SuiteDatabase.required().pool()) { pool async throws in
            #expect(try await pool.query("SELECT \(1)::text").only(String.self) == "1")
            #expect(try await pool.query("SELECT \(1.5)::text").only(String.self) == "1.5")
            #expect(try await pool.query("SELECT \("one")::text").only(String.self) == "one")
            #expect(try await pool.query("SELECT \(2)::text").only(String.self) == "2")
        }
    }

    @Test func statementsOfOneUseDoNotPileUpOnTheServer() async throws {
        try await withPool(SuiteDatabase.required().pool()) { pool in
            for number in 0..<1_200 { _ = try await pool.query(SQL(unsafeRaw: "SELECT \(number)")) }
            #expect(try await pool.query(Self.prepared).only(Int.self) <= 520)
            for number in 0..<3 { #expect(try await pool.query(SQL(unsafeRaw: "SELECT \(number)")).only(Int.self) == number) }
        }
    }

    @Test func aPlanMadeStaleByAlterTableIsMadeAnew() async throws {
        let owner = try await SuiteDatabase.required().connect()
        try await owner.script("CREATE TABLE altered (a int); INSERT INTO altered VALUES (1)")
        try await withPool(SuiteDatabase.required().pool()) { pool in
            #expect(try await pool.query("SELECT * FROM altered").only(Int.self) == 1)
            try await owner.script("ALTER TABLE altered ADD COLUMN b text DEFAULT 'new'")
            #expect(try await pool.query("SELECT * FROM altered").decode(Int.self, String.self)[0] == (1, "new"))
            try await owner.script("ALTER TABLE altered DROP COLUMN a")
            #expect(try await pool.query("SELECT * FROM altered").only(String.self) == "new")
        }
        await owner.close()
    }

    @Test func aUnitWithAStalePlanHappensOnce() async throws {
        let owner = try await SuiteDatabase.required().connect()
        try await owner.script("CREATE TABLE altered_once (a int); CREATE TABLE counted (n int)")
        try await withPool(SuiteDatabase.required().pool()) { pool in
            _ = try await pool.query("SELECT * FROM altered_once")
            try await owner.script("ALTER TABLE altered_once ADD COLUMN b int")
            _ = try await pool.unit(["INSERT INTO counted VALUES (1)", "SELECT * FROM altered_once", "INSERT INTO counted VALUES (2)"])
            #expect(try await pool.query("SELECT array_agg(n ORDER BY n) FROM counted").only([Int].self) == [1, 2])
        }
        await owner.close()
    }

    @Test func statementsTheServerForgotArePreparedAgain() async throws {
        try await withPool(SuiteDatabase.required().pool()) { pool in
            for _ in 0..<3 {
                #expect(try await pool.query("SELECT 42").only(Int.self) == 42)
                #expect(try await pool.query("SELECT \("x")::text").only(String.self) == "x")
                _ = try await pool.query("DEALLOCATE ALL")
            }
        }
    }

    @Test func aConnectionOfOnesOwnRecoversFromForgottenStatements() async throws {
        let connection = try await SuiteDatabase.required().connect()
        #expect(try await connection.query("SELECT 42").only(Int.self) == 42)
        try await connection.script("DISCARD ALL")
        #expect(try await connection.query("SELECT 42").only(Int.self) == 42)
        try await connection.script("CREATE TABLE own_altered (a int)")
        _ = try await connection.query("SELECT * FROM own_altered")
        try await connection.script("ALTER TABLE own_altered ADD COLUMN b int")
        _ = try await connection.query("SELECT * FROM own_altered")
        await connection.close()
    }

    @Test func aStatementThatCannotBePreparedSpoilsNothing() async throws {
        try await withPool(SuiteDatabase.required().pool()) { pool async throws in
            for _ in 0..<3 {
                let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT nonsense FROM nowhere") }
                #expect(error?.sqlState == .undefinedTable)
            }
            // The second statement's preparation is skipped with the unit; it must not be believed to be there.
            await #expect(throws: PostgresError.self) { try await pool.unit(["SELECT 1 / 0", "SELECT 'later'"]) }
            #expect(try await pool.query("SELECT 'later'").only(String.self) == "later")
        }
    }
}
