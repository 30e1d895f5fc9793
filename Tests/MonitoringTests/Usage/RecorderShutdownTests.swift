import Domain
import Metrics
import Monitoring
import Support
import Testing

/// A graceful end stores what is left; what can't be stored is counted, and the process still ends.
@Suite(.timeLimit(.minutes(1))) struct RecorderShutdownTests {
    @Test func theEndStoresWhatIsLeftWithoutWaitingForTheInterval() async throws {
        let sink = MemorySink()
        var configuration = UsageRecorder.Configuration()
        configuration.interval = .seconds(3600)
        let recorder = UsageRecorder(sink: sink, configuration: configuration, logger: .silent)
        let start = ContinuousClock.now
        recorder.record(.sample())
        try await withService(recorder) {
            try await eventually("the first is stored, and the interval is being awaited") { sink.mark == 1 }
            for _ in 0..<2500 { recorder.record(.sample()) }
        }
        #expect(sink.stored.count == 2501)
        #expect(recorder.dropped == 0)
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func theEndWaitsForADatabaseThatComesBackInTime() async throws {
        let sink = MemorySink(before: { _, attempt in if attempt <= 3 { throw Away() } })
        let recorder = UsageRecorder(sink: sink, configuration: .init(), logger: .silent)
        for _ in 0..<1500 { recorder.record(.sample()) }
        try await withService(recorder) {}
        #expect(sink.stored.count == 1500)
        #expect(recorder.dropped == 0)
    }

    @Test func withTheDatabaseAwayTheEndComesAndTheLossIsCounted() async throws {
        let registry = PrometheusRegistry()
        let sink = MemorySink(before: { _, _ in throw Away() })
        var configuration = UsageRecorder.Configuration(capacity: 2000)
        configuration.flushDeadline = .milliseconds(300)
        let start = ContinuousClock.now
        let dropped = try await withMetricsFactory(registry) { [configuration] in
            let recorder = UsageRecorder(sink: sink, configuration: configuration, logger: .silent)
            try await withService(recorder) { for _ in 0..<2500 { recorder.record(.sample()) } }
            return recorder.dropped
        }
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(sink.stored.isEmpty)
        #expect(dropped == 2500)
        #expect(registry.sum(of: "tessera_usage_dropped_total") == 2500)
        #expect(registry.value(of: "tessera_usage_stored_total") == 0)
    }

    /// Of a batch cut in halves one was stored and one record refused before the database went away.
    @Test func whatWasStoredBeforeIsNotCountedAsLost() async throws {
        let sink = MemorySink(before: { batch, attempt in
            if attempt > 8 { throw Away() }
            if batch.entries.contains(where: { $0.record.status == 999 }) {
                throw UsageRejected(reason: "23514")
            }
        })
        var configuration = UsageRecorder.Configuration()
        configuration.flushDeadline = .milliseconds(300)
        let recorder = UsageRecorder(sink: sink, configuration: configuration, logger: .silent)
        for number in 0..<16 {
            recorder.record(.sample(status: number == 1 || number == 12 ? 999 : 200))
        }
        try await withService(recorder) {}
        #expect(!sink.stored.isEmpty)
        #expect(sink.stored.count + recorder.dropped == 16)
    }

    @Test func aSinkThatHangsDoesNotHoldUpTheEnd() async throws {
        let sink = MemorySink(before: { _, _ in try await Task.sleep(for: .seconds(3600)) })
        var configuration = UsageRecorder.Configuration()
        configuration.flushDeadline = .milliseconds(100)
        let recorder = UsageRecorder(sink: sink, configuration: configuration, logger: .silent)
        for _ in 0..<10 { recorder.record(.sample()) }
        try await withService(recorder) {}
        #expect(recorder.dropped == 10)
    }

    @Test func aCancelledRecorderDoesNotKeepTrying() async throws {
        let sink = MemorySink(before: { _, _ in throw Away() })
        let recorder = UsageRecorder(sink: sink, configuration: .init(), logger: .silent)
        recorder.record(.sample())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await recorder.run() }
            try await eventually("the first attempt has failed") { !sink.attempts.isEmpty }
            group.cancelAll()
        }
        #expect(sink.attempts.count < 10)
        #expect(recorder.dropped == 1)
    }

    @Test func whatComesAfterTheEndIsCounted() async throws {
        let recorder = UsageRecorder(sink: MemorySink(), configuration: .init(), logger: .silent)
        try await withService(recorder) {}
        recorder.record(.sample())
        #expect(recorder.dropped == 1)
    }
}
