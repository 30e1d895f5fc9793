import Domain
import Foundation
import Metrics
import Monitoring
import Support
import Synchronization
import Testing

/// The usage log always has a partition for what comes, and keeps none past its retention.
@Suite(.timeLimit(.minutes(1))) struct PartitionUpkeepTests {
    /// A Saturday; its week began on the 16th.
    private let now = Date.instant("2026-11-21T12:00:00Z")

    private func upkeep(of weeks: Weeks, retentionDays: Int = 90) -> PartitionUpkeep {
        PartitionUpkeep(partitions: weeks, retentionDays: retentionDays, logger: .silent, now: { [now] in now })
    }

    @Test func theCurrentWeekAndFourAheadAreMade() async throws {
        let registry = PrometheusRegistry()
        let weeks = Weeks()
        try await withMetricsFactory(registry) { try await upkeep(of: weeks).tend() }
        #expect(weeks.present == ["2026-11-16", "2026-11-23", "2026-11-30", "2026-12-07", "2026-12-14"])
        #expect(registry.value(of: "tessera_usage_partitions_ahead") == 4)
    }

    @Test func onlyPartitionsThatOutlivedTheRetentionAreDropped() async throws {
        // 90 days back from the 21st of November, noon, is the 23rd of August, noon: in the week of the 17th.
        let weeks = Weeks(["2026-08-03", "2026-08-10", "2026-08-17", "2026-08-24"])
        try await upkeep(of: weeks).tend()
        #expect(weeks.present.prefix(2) == ["2026-08-17", "2026-08-24"])
    }

    @Test func aWeekThatEndedExactlyThenIsDropped() async throws {
        let weeks = Weeks(["2026-08-17", "2026-08-24"])
        let midnight = Date.instant("2026-11-22T00:00:00Z")
        try await PartitionUpkeep(partitions: weeks, retentionDays: 90, logger: .silent, now: { midnight }).tend()
        #expect(weeks.present.first == "2026-08-24")
    }

    @Test func aPartitionThatCannotBeDroppedKeepsNoOther() async throws {
        let weeks = Weeks(["2026-07-06", "2026-07-13"], undroppable: "2026-07-06")
        try await upkeep(of: weeks).tend()
        #expect(weeks.present.first == "2026-07-06")
        #expect(!weeks.present.contains("2026-07-13"))
    }

    @Test func aWeekThatCannotBeMadeKeepsNoOtherAndIsSeen() async throws {
        let registry = PrometheusRegistry()
        let weeks = Weeks(unmakeable: "2026-11-30")
        await #expect(throws: Away.self) { try await withMetricsFactory(registry) { try await upkeep(of: weeks).tend() } }
        #expect(weeks.present == ["2026-11-16", "2026-11-23", "2026-12-07", "2026-12-14"])
        #expect(registry.value(of: "tessera_usage_partitions_ahead") == 1)
    }

    @Test func aFailureDoesNotEndTheService() async throws {
        let weeks = Weeks(isAway: true)
        // A service that throws would have its group throw.
        try await withService(upkeep(of: weeks)) { try await eventually("the first round has failed") { weeks.calls > 0 } }
        #expect(weeks.present.isEmpty)
    }

    @Test func aGracefulShutdownEndsItsPause() async throws {
        let weeks = Weeks()
        let start = ContinuousClock.now
        try await withService(upkeep(of: weeks)) { try await eventually("a round is done") { weeks.present.count == 5 } }
        #expect(ContinuousClock.now - start < .seconds(30))
    }
}

/// Partitions by the day they begin, a Monday.
private final class Weeks: UsagePartitions {
    private let days: Mutex<Set<String>>
    private let count = Mutex(0)
    private let unmakeable: String?
    private let undroppable: String?
    private let isAway: Bool

    init(_ days: Set<String> = [], unmakeable: String? = nil, undroppable: String? = nil, isAway: Bool = false) {
        self.days = Mutex(days)
        self.unmakeable = unmakeable
        self.undroppable = undroppable
        self.isAway = isAway
    }

    var present: [String] { days.withLock { $0.sorted() } }
    var calls: Int { count.withLock { $0 } }

    func ensure(_ day: Date) async throws {
        count.withLock { $0 += 1 }
        if isAway { throw Away() }
        let since1970 = Int((day.timeIntervalSince1970 / 86_400).rounded(.down))
        // 1970-01-01 was a Thursday.
        let monday = Date(timeIntervalSince1970: Double(since1970 - (since1970 + 3) % 7) * 86_400)
        if name(monday) == unmakeable { throw Away() }
        days.withLock { _ = $0.insert(name(monday)) }
    }

    func starts() async throws -> [Date] { present.compactMap { RFC3339.date($0) } }

    func drop(_ start: Date) async throws {
        if name(start) == undroppable { throw Away() }
        days.withLock { _ = $0.remove(name(start)) }
    }

    private func name(_ day: Date) -> String { String(RFC3339.format(day).prefix(10)) }
}
