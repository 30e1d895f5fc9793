import Foundation
import Postgres
import Testing

/// A row that can't be read as asked names the column, never what is in it.
@Suite(.ownDatabase) struct DecodingFaultTests {
    @Test func aWrongTypeNamesTheColumnAndNotTheValue() async throws {
        try await expectFault("SELECT 'secret value' AS nickname", naming: "nickname") { try $0.decode(Int.self) }
        try await expectFault("SELECT 424242 AS answer", naming: "answer") { try $0.decode(String.self) }
        try await expectFault("SELECT now() AS moment", naming: "moment") { try $0.decode(UUID.self) }
    }

    @Test func anUnexpectedNullNamesTheColumn() async throws {
        try await expectFault("SELECT NULL::int4 AS missing", naming: "missing") { try $0.decode(Int32.self) }
    }

    @Test func tooFewAndTooManyColumnsAreFaults() async throws {
        try await expectFault("SELECT 1, 2", naming: "columns") { try $0.decode(Int.self) }
        try await expectFault("SELECT 1", naming: "columns") { try $0.decode(Int.self, Int.self) }
    }

    private func expectFault<Value>(
        _ sql: SQL, naming word: String, sourceLocation: SourceLocation = #_sourceLocation, _ decode: (Row) throws -> Value
    ) async throws {
        let connection = try await SuiteDatabase.required().connect()
        let row = try await connection.query(sql)[0]
        let error = #expect(throws: PostgresError.self, sourceLocation: sourceLocation) { _ = try decode(row) }
        #expect(error?.kind == .decoding, sourceLocation: sourceLocation)
        let told = String(reflecting: error)
        #expect(told.contains(word), sourceLocation: sourceLocation)
        #expect(!told.contains("secret") && !told.contains("424242"), sourceLocation: sourceLocation)
        await connection.close()
    }
}
