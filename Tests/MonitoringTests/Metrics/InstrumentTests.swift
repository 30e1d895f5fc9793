import Metrics
import Monitoring
import Testing

/// Instruments are counted up from every thread at once.
struct InstrumentTests {
    private let registry = PrometheusRegistry([
        MetricDescriptor("test_requests_total", .counter, "Requests."),
        MetricDescriptor("test_duration_seconds", .histogram([1]), "Duration."),
        MetricDescriptor("test_requests_in_flight", .gauge, "Requests being answered."),
    ])

    @Test func noIncrementOfACounterIsLost() async {
        await eightTimes { Counter(label: "test_requests_total", factory: registry).increment() }
        #expect(registry.value(of: "test_requests_total") == 80_000)
    }

    @Test func noStepOfAGaugeIsLost() async {
        let meter = Meter(label: "test_requests_in_flight", factory: registry)
        await eightTimes { meter.increment() }
        #expect(registry.value(of: "test_requests_in_flight") == 80_000)
    }

    @Test func noObservationOfAHistogramIsLost() async {
        let timer = Metrics.Timer(label: "test_duration_seconds", factory: registry)
        await eightTimes { timer.recordMilliseconds(500) }
        #expect(registry.value(of: "test_duration_seconds_count") == 80_000)
        #expect(registry.value(of: "test_duration_seconds_sum") == 40_000)
    }

    @Test func theSameLabelsAreTheSameSeries() {
        for _ in 0..<2 { Counter(label: "test_requests_total", dimensions: [("limit", "token")], factory: registry).increment() }
        #expect(registry.value(of: "test_requests_total{limit=\"token\"}") == 2)
    }

    private func eightTimes(_ work: @escaping @Sendable () -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<10_000 { work() } } }
        }
    }
}
