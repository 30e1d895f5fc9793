import Testing

@testable import Migrations

/// Files are read the way the server would read their statements.
@Suite struct ParserTests {
    @Test func sectionsAndDirectivesAreRead() throws {
        let migration = try MigrationParser.parse(
            "-- about\n-- +no-transaction\n-- +up\nSELECT 1;\nSELECT 2;\n-- +down\nSELECT 3;\n", fileName: "20260101000000_a_b2.sql")
        #expect(migration.version == 20_260_101_000_000)
        #expect(migration.name == "a_b2")
        #expect(!migration.isTransactional)
        #expect(migration.up.statements.map(\.text) == ["SELECT 1", "SELECT 2"])
        #expect(migration.up.statements.map { migration.up.line + $0.line } == [4, 5])
        #expect(migration.down?.statements.map(\.text) == ["SELECT 3"])
    }

    @Test(arguments: [
        ("SELECT ';' ; SELECT 2", ["SELECT ';'", "SELECT 2"]),
        ("SELECT 'it''s; ok'; X", ["SELECT 'it''s; ok'", "X"]),
        (#"SELECT E'a\';b'; X"#, [#"SELECT E'a\';b'"#, "X"]),
        (#"SELECT "a;""b"; X"#, [#"SELECT "a;""b""#, "X"]),
        ("DO $$ BEGIN; END $$; X", ["DO $$ BEGIN; END $$", "X"]),
        ("DO $a$ $b$ ; $$ $a$; X", ["DO $a$ $b$ ; $$ $a$", "X"]),
        ("SELECT $1; SELECT a$b$c", ["SELECT $1", "SELECT a$b$c"]),
        ("SELECT /* ; /* nested ; */ ; */ 1; -- ; no\nX", ["SELECT 1", "X"]),
        (" ;; \n ; ", []),
    ])
    func statementsAreCutWhereTheServerCuts(text: String, statements: [String]) throws {
        #expect(try StatementSplitter.split(text).map(\.text) == statements)
    }

    @Test(arguments: ["SELECT 'open", "SELECT \"open", "/* open", "DO $$ open", "\\d tables"])
    func whatIsNotClosedIsRefused(text: String) {
        #expect(throws: MalformedSQL.self) { try StatementSplitter.split(text) }
    }

    @Test func checksumKnowsStatementsOnly() throws {
        func checksum(_ text: String) throws -> String { try MigrationParser.parse(text, fileName: "20260101000000_a.sql").checksum }
        let plain = try checksum("-- +up\nSELECT 1;\n-- +down\nSELECT 2;\n")
        #expect(try checksum("\u{FEFF}-- licence\r\n-- +up\r\n  SELECT   1; -- one\r\n-- +down\r\nSELECT\n 2;\r\n") == plain)
        #expect(try checksum("-- +up\nSELECT 3;\n-- +down\nSELECT 2;\n") != plain)
        #expect(try checksum("-- +up\nSELECT '1 ';\n-- +down\nSELECT 2;\n") != checksum("-- +up\nSELECT '1';\n-- +down\nSELECT 2;\n"))
    }

    @Test(arguments: ["2026_a.sql", "20260101000000.sql", "20260101000000_A.sql", "x.sql", "20260101000000_a.txt"])
    func badNamesAreRefused(name: String) {
        #expect(throws: MigrationFailure.self) { try MigrationParser.parse("-- +up\nSELECT 1;", fileName: name) }
    }

    @Test(arguments: ["SELECT 1;", "-- +up\nBEGIN;", "-- +up\nSELECT 1;\n-- +up\nSELECT 2;", "-- +sideways\n-- +up\nSELECT 1;"])
    func badContentsAreRefused(text: String) {
        #expect(throws: MigrationFailure.self) { try MigrationParser.parse(text, fileName: "20260101000000_a.sql") }
    }
}
