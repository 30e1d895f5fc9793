import Domain
import Metrics
import Monitoring
import Support
import Testing

/// A record that the database can't take doesn't take its neighbours with it.
@Suite(.timeLimit(.minutes(1))) struct RejectedRecordTests {
    @Test(arguments: [[0], [99], [49, 50], [0, 1, 2, 97, 98, 99], Array(0..<100)])
    func onlyTheRecordsAtFaultAreDropped(bad: [Int]) async throws {
        let registry = PrometheusRegistry()
        let sink = MemorySink(before: { batch, _ in
            if batch.entries.contains(where: { $0.record.status == 999 }) { throw UsageRejected(reason: "23514") }
        })
        let records = (0..<100).map { UsageRecord.sample(status: bad.contains($0) ? 999 : 200) }
        let good = records.filter { $0.status == 200 }
        let dropped = try await withMetricsFactory(registry) {
            let recorder = UsageRecorder(sink: sink, configuration: .init(), logger: .silent)
            for record in records { recorder.record(record) }
            recorder.record(.sample(status: 204))
            try await withService(recorder) {}
            return recorder.dropped
        }
        #expect(sink.stored.map(\.id).dropLast() == good.map(\.id)[...])
        #expect(sink.stored.last?.status == 204)
        #expect(dropped == bad.count)
        #expect(registry.value(of: "tessera_usage_dropped_total{reason=\"rejected\"}") == Double(bad.count))
        #expect(registry.value(of: "tessera_usage_stored_total") == Double(101 - bad.count))
        // The numbers of the dropped ones are used up: the mark has moved past them.
        #expect(sink.mark == 101)
    }

    @Test func theSearchGoesOnWhenTheDatabaseGoesAwayInTheMiddle() async throws {
        let sink = MemorySink(before: { batch, attempt in
            if attempt % 3 == 2 { throw Away() }
            if batch.entries.contains(where: { $0.record.status == 999 }) { throw UsageRejected(reason: "22021") }
        })
        let recorder = UsageRecorder(sink: sink, configuration: .init(), logger: .silent)
        for number in 0..<16 { recorder.record(.sample(status: number == 5 ? 999 : 200)) }
        try await withService(recorder) { try await eventually("the mark has passed all", within: .seconds(30)) { sink.mark == 16 } }
        #expect(sink.stored.count == 15)
        #expect(recorder.dropped == 1)
    }

    /// Even if the database refuses the empty batch that moves the mark, the record is counted once.
    @Test func aRefusedRecordIsCountedOnce() async throws {
        let sink = MemorySink(before: { _, attempt in
            if attempt <= 4 { throw UsageRejected(reason: "23514") }
        })
        let recorder = UsageRecorder(sink: sink, configuration: .init(), logger: .silent)
        recorder.record(.sample())
        try await withService(recorder) {
            try await eventually("the mark has moved") { sink.mark == 1 }
        }
        #expect(recorder.dropped == 1)
    }
}
