import Domain
import Foundation
import Metrics
import Monitoring
import Support
import Testing

/// Every record is stored once or counted as dropped, whatever happens meanwhile.
@Suite(.timeLimit(.minutes(2))) struct RecordingTests {
    @Test func everyRecordOfManyTasksIsStoredOnceOrCounted() async throws {
        let registry = PrometheusRegistry()
        // Every fifth attempt fails, half of those after the batch was stored.
        let sink = MemorySink(
            before: { _, attempt in if attempt % 10 == 0 { throw Away() } },
            after: { _, attempt in if attempt % 10 == 5 { throw Away() } })
        var configuration = UsageRecorder.Configuration(capacity: 20_000)
        configuration.interval = .milliseconds(10)
        let recorder = withMetricsFactory(registry) { [configuration] in
            UsageRecorder(sink: sink, configuration: configuration, logger: .silent)
        }
        try await withService(recorder) {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let token = TokenID(UUID())
                        for _ in 0..<12_500 { recorder.record(.sample(token: token)) }
                    }
                }
            }
        }
        #expect(sink.stored.count + recorder.dropped == 100_000)
        #expect(Set(sink.stored.map(\.id)).count == sink.stored.count)
        #expect(sink.mark == sink.stored.count)
        #expect(registry.value(of: "tessera_usage_recorded_total") == 100_000)
        #expect(registry.value(of: "tessera_usage_stored_total") == Double(sink.stored.count))
        #expect(registry.sum(of: "tessera_usage_dropped_total") == Double(recorder.dropped))
    }

    /// Waits no longer than half a second, so that with the write it is visible within one; the patience is for busy machines.
    @Test func aSingleRecordDoesNotWaitForOthers() async throws {
        let sink = MemorySink()
        let configuration = UsageRecorder.Configuration()
        #expect(configuration.interval <= .milliseconds(500))
        let recorder = UsageRecorder(sink: sink, configuration: configuration, logger: .silent)
        try await withService(recorder) {
            recorder.record(.sample())
            try await eventually("the record is stored") { sink.mark == 1 }
        }
    }

    @Test func noBatchIsLargerThanItsSize() async throws {
        let sink = MemorySink()
        let recorder = UsageRecorder(sink: sink, configuration: .init(), logger: .silent)
        for _ in 0..<2500 { recorder.record(.sample()) }
        try await withService(recorder) { try await eventually("all are stored") { sink.mark == 2500 } }
        #expect(sink.attempts.map(\.entries.count) == [1000, 1000, 500])
    }

    @Test func pastTheCapacityRecordsAreDroppedAndCounted() async throws {
        let registry = PrometheusRegistry()
        let sink = MemorySink()
        let recorder = withMetricsFactory(registry) {
            UsageRecorder(sink: sink, configuration: .init(capacity: 100), logger: .silent)
        }
        for _ in 0..<150 { recorder.record(.sample()) }
        #expect(recorder.dropped == 50)
        #expect(registry.value(of: "tessera_usage_dropped_total{reason=\"buffer_full\"}") == 50)
        try await withService(recorder) {}
        #expect(sink.stored.count == 100)
    }

    @Test func whoRecordsDoesNotWaitForADatabaseThatHangs() async throws {
        let gate = Gate()
        let sink = MemorySink(before: { _, _ in await gate.pass() })
        let recorder = UsageRecorder(sink: sink, configuration: .init(capacity: 1000), logger: .silent)
        try await withService(recorder) {
            recorder.record(.sample())
            try await eventually("the sink hangs") { gate.arrivals == 1 }
            let start = ContinuousClock.now
            for _ in 0..<5000 { recorder.record(.sample()) }
            #expect(ContinuousClock.now - start < .seconds(2))
            #expect(recorder.dropped >= 4000)
            gate.open()
        }
        #expect(sink.stored.count + recorder.dropped == 5001)
    }

    @Test func eachStartHasAnIncarnationOfItsOwn() async throws {
        let sink = MemorySink()
        let other = MemorySink()
        for sink in [sink, other] {
            let recorder = UsageRecorder(sink: sink, configuration: .init(), logger: .silent)
            recorder.record(.sample())
            try await withService(recorder) {}
        }
        let one = try #require(sink.attempts.first)
        let two = try #require(other.attempts.first)
        #expect(one.incarnation != two.incarnation)
        #expect(one.sequence == 1...1 && two.sequence == 1...1)
    }
}
