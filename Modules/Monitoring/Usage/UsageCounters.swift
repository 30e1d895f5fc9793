import Metrics
import Synchronization

/// What the recorder tells about itself.
final class UsageCounters: Sendable {
    private let total = Atomic(0)
    private let recordedCounter = Counter(label: "tessera_usage_recorded_total")
    private let storedCounter = Counter(label: "tessera_usage_stored_total")
    private let retriedCounter = Counter(label: "tessera_usage_batch_retries_total")
    private let fullCounter = Counter(label: "tessera_usage_dropped_total", dimensions: [("reason", "buffer_full")])
    private let bufferedGauge = Meter(label: "tessera_usage_buffered_records")
    private let batchTimer = Timer(label: "tessera_usage_batch_duration_seconds")

    var dropped: Int { total.load(ordering: .relaxed) }

    func recorded(isKept: Bool) {
        recordedCounter.increment()
        if isKept { return }
        total.add(1, ordering: .relaxed)
        fullCounter.increment()
    }

    func buffered(_ count: Int) { bufferedGauge.set(count) }

    func stored(_ count: Int, in duration: Duration) {
        storedCounter.increment(by: count)
        batchTimer.record(duration: duration)
    }

    func retried() { retriedCounter.increment() }

    func dropped(_ count: Int, reason: String) {
        total.add(count, ordering: .relaxed)
        Counter(label: "tessera_usage_dropped_total", dimensions: [("reason", reason)]).increment(by: count)
    }
}
