import Foundation
import Migrations
import Support
import Testing

@testable import Persistence

/// Ranges are cut into what each level of the usage log answers exactly.
@Suite struct UsageRangeTests {
    @Test func partsCoverTheRangeWithoutGapOrOverlap() {
        for _ in 0..<2000 {
            let from = Date(timeIntervalSince1970: 1_790_000_000 + Double.random(in: 0..<400_000))
            let to = from + [0, 1, 1800, 3600, 7200, 90_000, 300_000].randomElement()! * Double.random(in: 0...1)
            let ranges = UsageRange.parts(from: from, to: to).map { part in
                switch part {
                case .days(let range), .hours(let range), .rows(let range): range
                }
            }
            #expect(ranges.first?.lowerBound ?? from == from)
            #expect(ranges.last?.upperBound ?? from == (from < to ? to : from))
            for (one, two) in zip(ranges, ranges.dropFirst()) { #expect(one.upperBound == two.lowerBound) }
        }
    }

    @Test func retentionBeginsOnAMonday() {
        for day in 0..<14 {
            let now = Date(timeIntervalSince1970: 1_795_000_000 + Double(day) * 86_400)
            let oldest = UsageRange.oldest(retentionDays: 90, at: now)
            #expect(Int(oldest.timeIntervalSince1970) % 604_800 == 345_600)
            #expect(now.timeIntervalSince(oldest) >= 90 * 86_400)
            #expect(now.timeIntervalSince(oldest) < 98 * 86_400)
        }
    }

    @Test func schemaVersionIsTheNewestMigration() throws {
        #expect(try MigrationDirectory.load(Checkout.path("Migrations")).last?.version == SchemaVersion.current)
    }
}
