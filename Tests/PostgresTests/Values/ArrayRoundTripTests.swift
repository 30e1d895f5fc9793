import Foundation
import Postgres
import Testing

/// One-dimensional arrays of every type, with and without NULLs in them.
@Suite(.ownDatabase) struct ArrayRoundTripTests {
    @Test func arraysOfEveryTypeComeBack() async throws {
        let connection = try await SuiteDatabase.required().connect()
        try await expectRoundTrip([true, false], on: connection)
        try await expectRoundTrip([Int16.min, .max], on: connection)
        try await expectRoundTrip([Int32.min, .max], on: connection)
        try await expectRoundTrip([Int64.min, .max], on: connection)
        try await expectRoundTrip([Int.min, .max], on: connection)
        try await expectRoundTrip([0.5, -.infinity], on: connection)
        try await expectRoundTrip(["", "{", "NULL", "\"", ",", "ž"], on: connection)
        try await expectRoundTrip([Bytea([]), Bytea([0, 1])], on: connection)
        try await expectRoundTrip([UUID(), UUID()], on: connection)
        try await expectRoundTrip([Date(timeIntervalSince1970: 0), Date(timeIntervalSince1970: 1_800_000_000.25)], on: connection)
        try await expectRoundTrip([JSONB(Array("{}".utf8)), JSONB(Array("[1, 2]".utf8))], on: connection)
        try await expectRoundTrip([try #require(InetAddress(bytes: [127, 0, 0, 1]))], on: connection)
        await connection.close()
    }

    @Test func theServerSeesTheElements() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let (length, second, contains) = try await connection.query(
            "SELECT cardinality(\([10, 20, 30])), (\([10, 20, 30]))[2], 30 = ANY(\([10, 20, 30]))"
        ).decode(Int.self, Int.self, Bool.self)[0]
        #expect((length, second, contains) == (3, 20, true))
        #expect(try await connection.query("SELECT count(*) FROM unnest(\(Array(0..<10_000)))").only(Int.self) == 10_000)
        await connection.close()
    }

    @Test func nullElementsAreNil() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let numbers: [Int?] = [1, nil, 3]
        let texts: [String?] = [nil, "", nil]
        let uuids: [UUID?] = [nil]
        let back = try await connection.query("SELECT \(numbers), \(texts), \(uuids)").decode([Int?].self, [String?].self, [UUID?].self)[0]
        #expect(back == (numbers, texts, uuids))
        await connection.close()
    }

    @Test func aNullElementInAnArrayWithoutOptionalsIsRefused() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let rows = try await connection.query("SELECT ARRAY[1, NULL]::int4[] AS numbers")
        let error = #expect(throws: PostgresError.self) { try rows.decode([Int].self) }
        #expect(error?.kind == .decoding)
        await connection.close()
    }

    @Test func moreThanOneDimensionIsRefused() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let rows = try await connection.query("SELECT ARRAY[[1, 2], [3, 4]]")
        let error = #expect(throws: PostgresError.self) { try rows.decode([Int].self) }
        #expect(error?.kind == .decoding)
        await connection.close()
    }

    /// Bytes that look like an array of minus one elements: the column's type decides, and nothing traps.
    @Test func aColumnThatIsNoArrayIsNotReadAsOne() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let rows = try await connection.query("SELECT '\\x00000001000000000000001400000000ffffffff00000001'::bytea, 'text'")
        let error = #expect(throws: PostgresError.self) { try rows.decode([Int].self, [String].self) }
        #expect(error?.kind == .decoding)
        await connection.close()
    }

    private func expectRoundTrip<Element: PostgresEncodable & PostgresArrayElement & PostgresDecodable & Equatable>(
        _ value: [Element], on connection: PostgresConnection, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        #expect(try await connection.query("SELECT \(value)").only([Element].self) == value, sourceLocation: sourceLocation)
        #expect(try await connection.query("SELECT \([Element]())").only([Element].self).isEmpty, sourceLocation: sourceLocation)
        let optionals = value.map(Optional.some) + [nil]
        #expect(
            try await connection.query("SELECT \(optionals)").only([Element?].self).compactMap(\.self) == value, sourceLocation: sourceLocation)
    }
}
