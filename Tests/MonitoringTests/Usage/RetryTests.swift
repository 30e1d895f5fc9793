import Domain
import Metrics
import Monitoring
import Support
import Testing

/// While the database is away nothing changes hands: the same batch comes again until it is stored.
@Suite(.timeLimit(.minutes(1))) struct RetryTests {
    @Test func aFailedBatchIsTriedAgainUnchanged() async throws {
        let registry = PrometheusRegistry()
        let sink = MemorySink(before: { _, attempt in if attempt <= 3 { throw Away() } })
        let recorder = withMetricsFactory(registry) { UsageRecorder(sink: sink, configuration: .init(), logger: .silent) }
        for _ in 0..<10 { recorder.record(.sample()) }
        try await withService(recorder) {
            try await eventually("the first attempt has failed") { !sink.attempts.isEmpty }
            // What comes meanwhile waits for a batch of its own.
            for _ in 0..<5 { recorder.record(.sample()) }
            try await eventually("all are stored") { sink.mark == 15 }
        }
        let attempts = sink.attempts
        #expect(attempts.prefix(4).allSatisfy { $0.sequence == 1...10 })
        #expect(Set(attempts.prefix(4).map { $0.entries.map(\.record.id) }).count == 1)
        #expect(attempts.dropFirst(4).map(\.sequence) == [11...15])
        #expect(registry.value(of: "tessera_usage_batch_retries_total") == 3)
        #expect(recorder.dropped == 0)
    }

    @Test func aBatchWhoseCommitGotLostCountsOnce() async throws {
        let sink = MemorySink(after: { _, attempt in if attempt == 1 { throw Away() } })
        let recorder = UsageRecorder(sink: sink, configuration: .init(), logger: .silent)
        for _ in 0..<10 { recorder.record(.sample()) }
        try await withService(recorder) { try await eventually("it is tried again") { sink.attempts.count == 2 } }
        #expect(sink.stored.count == 10)
        #expect(recorder.dropped == 0)
    }

    @Test func recordsAreStoredInTheOrderTaken() async throws {
        let sink = MemorySink(before: { _, attempt in if attempt == 2 { throw Away() } })
        let recorder = UsageRecorder(sink: sink, configuration: .init(), logger: .silent)
        let records = (0..<3000).map { _ in UsageRecord.sample() }
        for record in records { recorder.record(record) }
        try await withService(recorder) {}
        #expect(sink.stored.map(\.id) == records.map(\.id))
    }
}
