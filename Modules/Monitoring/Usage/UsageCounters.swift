import Metrics
import Synchronization

/// What the recorder tells about itself.
final class UsageCounters: Sendable {
    private let total = Atomic(0)
    private let recordedCounter = Counter(label: "tessera_usage_recorded_total")
    private let storedCounter = Counter(label: "tessera_usage_stored_total")
    private let retriedCounter = Counter(label: "tessera_usage_batch_retries_total")
    private let droppedCounters = Dictionary(
        uniqueKeysWithValues: DropReason.allCases.map { reason in
            (
                reason,
                Counter(label: "tessera_usage_dropped_total", dimensions: [("reason", reason.rawValue)])
            )
        })
    private let bufferedGauge = Meter(label: "tessera_usage_buffered_records")
    private let batchTimer = Timer(label: "tessera_usage_batch_duration_seconds")

    enum DropReason: String, CaseIterable {
        case bufferFull = "buffer_full"
        case rejected, shutdown
    }

    var dropped: Int { total.load(ordering: .relaxed) }

    func recorded() { recordedCounter.increment() }

    func buffered(_ count: Int) { bufferedGauge.set(count) }

    func stored(_ count: Int, in duration: Duration) {
        storedCounter.increment(by: count)
        batchTimer.record(duration: duration)
    }

    func retried() { retriedCounter.increment() }

    func dropped(_ count: Int, _ reason: DropReason) {
        total.add(count, ordering: .relaxed)
        droppedCounters[reason]?.increment(by: count)
    }
}
