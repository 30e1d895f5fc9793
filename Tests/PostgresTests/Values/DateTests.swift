import Foundation
import Postgres
import Testing

/// `timestamptz` counts microseconds from 2000, `Date` holds seconds from 2001 in a Double.
@Suite(.ownDatabase) struct DateTests {
    @Test func microsecondsSurviveInBothDirections() async throws {
        let connection = try await SuiteDatabase.required().connect()
        // 1970 to 2069, an odd number of microseconds apart.
        let texts = (0..<500).map { "1970-01-01 00:00:00Z'::timestamptz + interval '\($0 * 6_307_201_001_003) microseconds" }
        for chunk in stride(from: 0, to: texts.count, by: 100) {
            let list = texts[chunk..<chunk + 100].map { "'\($0)'" }.joined(separator: ", ")
            let (dates, microseconds) = try await connection.query(
                "SELECT array_agg(t), array_agg((extract(epoch FROM t) * 1000000)::int8) FROM unnest(ARRAY[\(unsafeRaw: list)]) AS t"
            ).decode([Date].self, [Int64].self)[0]
            for (date, expected) in zip(dates, microseconds) {
                // From 1970 a Double would not tell the last microseconds of these years apart; from 2001 it does.
                let sinceReference = Int64((date.timeIntervalSinceReferenceDate * 1_000_000).rounded())
                #expect(sinceReference + 978_307_200_000_000 == expected)
            }
            let isEqual = try await connection.query("SELECT ARRAY[\(unsafeRaw: list)] = \(dates)").only(Bool.self)
            #expect(isEqual)
        }
        await connection.close()
    }

    @Test func knownMomentsAreWhatTheyAre() async throws {
        let connection = try await SuiteDatabase.required().connect()
        for (text, seconds) in [
            ("1970-01-01 00:00:00Z", 0.0), ("2000-01-01 00:00:00Z", 946_684_800), ("2001-01-01 00:00:00Z", 978_307_200),
            ("1969-12-31 23:59:59.5Z", -0.5), ("2026-02-28 23:59:60Z", 1_772_323_200), ("0001-01-01 00:00:00Z", -62_135_596_800),
        ] {
            let date = Date(timeIntervalSince1970: seconds)
            let (back, agrees) = try await connection.query(
                "SELECT \(unsafeRaw: "'\(text)'::timestamptz"), \(date) = \(unsafeRaw: "'\(text)'::timestamptz")"
            ).decode(Date.self, Bool.self)[0]
            #expect(back == date && agrees, "\(text)")
        }
        await connection.close()
    }

    @Test func theEndsOfTimeAreInfinite() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let (future, past, isFuture, isPast) = try await connection.query(
            """
            SELECT 'infinity'::timestamptz, '-infinity'::timestamptz,
                \(Date.distantFuture) = 'infinity'::timestamptz, \(Date.distantPast) = '-infinity'::timestamptz
            """
        ).decode(Date.self, Date.self, Bool.self, Bool.self)[0]
        #expect((future, past) == (.distantFuture, .distantPast))
        #expect(isFuture && isPast)
        await connection.close()
    }

    @Test func datesBeyondThePossibleNeverTrap() async throws {
        let connection = try await SuiteDatabase.required().connect()
        for seconds in [1e13, -1e13, 1e300, -1e300, .infinity, -.infinity] {
            _ = try? await connection.query("SELECT \(Date(timeIntervalSince1970: seconds))")
        }
        let (newest, oldest) = try await connection.query("SELECT '294276-12-31Z'::timestamptz, '4713-01-01 BC'::timestamptz").decode(
            Date.self, Date.self)[0]
        #expect(newest > Date.distantFuture && oldest < Date(timeIntervalSince1970: -62_135_596_800))
        await connection.close()
    }
}
