import Postgres
import Testing

/// What comes from outside is a value, whatever it says.
@Suite(.ownDatabase, .serialized) struct InjectionTests {
    @Test(arguments: ["'; DROP TABLE victims; --", "' OR '1'='1", "$1", "\\'; DROP TABLE victims; --", "\"; DROP TABLE victims; --"])
    func interpolatedTextNeverBecomesSQL(attempt: String) async throws {
        let connection = try await SuiteDatabase.required().connect()
        try await connection.script("CREATE TABLE IF NOT EXISTS victims (name text); TRUNCATE victims; INSERT INTO victims VALUES ('kept')")
        #expect(try await connection.query("SELECT 1 FROM victims WHERE name = \(attempt)").isEmpty)
        _ = try await connection.query("INSERT INTO victims VALUES (\(attempt))")
        #expect(try await connection.query("SELECT name FROM victims WHERE name = \(attempt)").only(String.self) == attempt)
        #expect(try await connection.query("SELECT count(*) FROM victims").only(Int.self) == 2)
        #expect(try await connection.query("SELECT 1 AS \(identifier: attempt)").only(Int.self) == 1)
        await connection.close()
    }

    @Test func settingsBindTheirValues() async throws {
        let value = "x', true); DROP TABLE victims; --"
        try await withPool(SuiteDatabase.required().pool()) { pool in
            let back = try await pool.query("SELECT current_setting('app.tenant_id')", settings: [Setting("app.tenant_id", value)]).only(String.self)
            #expect(back == value)
        }
    }
}
