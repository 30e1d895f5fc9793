import Foundation
import Postgres
import Testing

/// Every type goes to the server and comes back, in binary, and the server reads it as what it is.
@Suite(.ownDatabase) struct ScalarRoundTripTests {
    @Test func everyValueComesBackAsItWent() async throws {
        let connection = try await SuiteDatabase.required().connect()
        for value in [true, false] { try await expectRoundTrip(value, on: connection) }
        for value in [Int16.min, -1, 0, 1, .max] { try await expectRoundTrip(value, on: connection) }
        for value in [Int32.min, -1, 0, 1, .max] { try await expectRoundTrip(value, on: connection) }
        for value in [Int64.min, -1, 0, 1, .max] { try await expectRoundTrip(value, on: connection) }
        for value in [Int.min, -1, 0, 1, .max] { try await expectRoundTrip(value, on: connection) }
        for value in [-Double.greatestFiniteMagnitude, -0.1, 0, .leastNonzeroMagnitude, 1e300, .infinity, -.infinity] {
            try await expectRoundTrip(value, on: connection)
        }
        for value in ["", " ", "'; DROP TABLE users; --", "žluťoučký 🐎\n\t\\", String(repeating: "x", count: 100_000)] {
            try await expectRoundTrip(value, on: connection)
        }
        for value in [[], [0], Array(0...255)] as [[UInt8]] { try await expectRoundTrip(Bytea(value), on: connection) }
        try await expectRoundTrip(UUID(), on: connection)
        await connection.close()
    }

    @Test func nullComesBackAsNilOfEveryType() async throws {
        let connection = try await SuiteDatabase.required().connect()
        try await expectNull(Bool.self, on: connection)
        try await expectNull(Int16.self, on: connection)
        try await expectNull(Int32.self, on: connection)
        try await expectNull(Int64.self, on: connection)
        try await expectNull(Int.self, on: connection)
        try await expectNull(Double.self, on: connection)
        try await expectNull(String.self, on: connection)
        try await expectNull(Bytea.self, on: connection)
        try await expectNull(UUID.self, on: connection)
        try await expectNull(Date.self, on: connection)
        try await expectNull(JSONB.self, on: connection)
        try await expectNull(InetAddress.self, on: connection)
        try await expectNull([Int].self, on: connection)
        try await expectNull([String].self, on: connection)
        await connection.close()
    }

    @Test func notANumberStaysOne() async throws {
        let connection = try await SuiteDatabase.required().connect()
        #expect(try await connection.query("SELECT \(Double.nan)").only(Double.self).isNaN)
        await connection.close()
    }

    /// The binary forms agree with the server's own reading of the same literals.
    @Test func theServerReadsWhatWasMeant() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let uuid = try #require(UUID(uuidString: "019DC000-0000-7000-8000-0000000000FF"))
        let agrees = try await connection.query(
            """
            SELECT ARRAY[\(true) = true, \(Int16(-2)) = -2, \(Int32(70_000)) = 70000, \(Int64(1) << 40) = 1099511627776, \(0.5) = 0.5,
                \("ž") = U&'\\017E', \(Bytea([0, 255])) = '\\x00ff', \(uuid) = '019dc000-0000-7000-8000-0000000000ff']
            """
        ).only([Bool].self)
        #expect(agrees == Array(repeating: true, count: 8))
        await connection.close()
    }

    @Test func intReadsEveryIntegerTypeAndWiderReadsNarrower() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let row = try await connection.query("SELECT 1::int2, 2::int4, 3::int8, 4::int2, 5::int4").decode(
            Int.self, Int.self, Int.self, Int32.self, Int64.self)
        #expect(row[0] == (1, 2, 3, 4, 5))
        await connection.close()
    }

    @Test func textOfEveryKindIsAString() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let row = try await connection.query("SELECT 'a'::text, 'b'::varchar, 'c '::char(2), 'd'::name, 'e'").decode(
            String.self, String.self, String.self, String.self, String.self)
        #expect(row[0] == ("a", "b", "c ", "d", "e"))
        await connection.close()
    }

    @Test func jsonKeepsItsDocument() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let sent = JSONB(Array(#"{"a": [1, null, "ž"]}"#.utf8))
        let (back, inner) = try await connection.query("SELECT \(sent), \(sent) -> 'a' ->> 2").decode(JSONB.self, String.self)[0]
        #expect(back == sent)
        #expect(inner == "ž")
        #expect(try await connection.query("SELECT '[1]'::json").only(JSONB.self) == JSONB(Array("[1]".utf8)))
        await connection.close()
    }

    @Test func textWithNULIsRefusedByTheServerAndNothingBreaks() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT \("a\0b")") }
        #expect(error?.sqlState?.rawValue == "22021")
        #expect(try await connection.query("SELECT 1").only(Int.self) == 1)
        await connection.close()
    }

    private func expectRoundTrip<Value: PostgresEncodable & PostgresDecodable & Equatable>(
        _ value: Value, on connection: PostgresConnection, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let back = try await connection.query("SELECT \(value)").only(Value.self)
        #expect(back == value, sourceLocation: sourceLocation)
        let optional = try await connection.query("SELECT \(Value?.some(value))").only(Value?.self)
        #expect(optional == value, sourceLocation: sourceLocation)
    }

    private func expectNull<Value: PostgresEncodable & PostgresDecodable>(
        _: Value.Type, on connection: PostgresConnection, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let (value, isNull) = try await connection.query("SELECT \(Value?.none), \(Value?.none) IS NULL").decode(Value?.self, Bool.self)[0]
        #expect(value == nil && isNull, sourceLocation: sourceLocation)
    }
}
