import Metrics
import Monitoring
import Testing

/// What Prometheus reads: the text format 0.0.4, the same text for the same numbers.
struct ExpositionTests {
    private let registry = PrometheusRegistry([
        MetricDescriptor("test_requests_total", .counter, "Requests."),
        MetricDescriptor("test_temperature_celsius", .gauge, "Temperature."),
        MetricDescriptor("test_duration_seconds", .histogram([0.1, 1, 2.5]), "Duration."),
        MetricDescriptor("test_unused_total", .counter, "Never counted."),
    ])

    @Test func theWholeTextIsAsTheFormatSays() {
        Counter(label: "test_requests_total", dimensions: [("method", "POST")], factory: registry).increment(by: 2)
        Counter(label: "test_requests_total", dimensions: [("method", "GET")], factory: registry).increment()
        Meter(label: "test_temperature_celsius", factory: registry).set(-3.5)
        let timer = Metrics.Timer(label: "test_duration_seconds", factory: registry)
        for milliseconds in [50, 100, 101, 2000, 9000] { timer.recordMilliseconds(milliseconds) }
        #expect(
            registry.text() == """
                # HELP test_requests_total Requests.
                # TYPE test_requests_total counter
                test_requests_total{method="GET"} 1
                test_requests_total{method="POST"} 2
                # HELP test_temperature_celsius Temperature.
                # TYPE test_temperature_celsius gauge
                test_temperature_celsius -3.5
                # HELP test_duration_seconds Duration.
                # TYPE test_duration_seconds histogram
                test_duration_seconds_bucket{le="0.1"} 2
                test_duration_seconds_bucket{le="1"} 3
                test_duration_seconds_bucket{le="2.5"} 4
                test_duration_seconds_bucket{le="+Inf"} 5
                test_duration_seconds_sum 11.251
                test_duration_seconds_count 5

                """)
    }

    @Test func labelValuesAreEscaped() {
        Counter(label: "test_requests_total", dimensions: [("path", "a\"b\\c\nd")], factory: registry).increment()
        #expect(registry.text().contains(#"test_requests_total{path="a\"b\\c\nd"} 1"#))
    }

    @Test func whatIsNotInTheCatalogueIsNotShown() {
        Counter(label: "hb.requests", factory: registry).increment()
        Meter(label: "pool.size", factory: registry).set(4)
        Metrics.Timer(label: "latency", factory: registry).recordSeconds(1)
        Recorder(label: "sizes", factory: registry).record(1)
        #expect(registry.text().isEmpty)
    }

    @Test func anInstrumentOfAnotherKindThanTheCatalogueSaysIsNotShown() {
        Meter(label: "test_requests_total", factory: registry).set(7)
        Counter(label: "test_duration_seconds", factory: registry).increment(by: 7)
        Metrics.Timer(label: "test_temperature_celsius", factory: registry).recordSeconds(7)
        #expect(!registry.text().contains("7"))
    }

    @Test func whatIsAskedForAtTheScrapeIsCurrent() {
        registry.onScrape { $0.setGauge("test_temperature_celsius", [("room", "lab")], to: 21) }
        #expect(registry.text().contains("test_temperature_celsius{room=\"lab\"} 21\n"))
    }

    @Test func noLabelValueEndsItsLine() {
        Counter(
            label: "test_requests_total", dimensions: [("path", "a\r\nb\"\u{301}")], factory: registry
        ).increment()
        let line = registry.text().split(separator: "\n", omittingEmptySubsequences: false)[2]
        #expect(
            line.unicodeScalars.elementsEqual(
                "test_requests_total{path=\"a\r\\nb\\\"\u{301}\"} 1".unicodeScalars))
    }

    @Test func theOrderOfLabelsMakesNoSecondSeries() {
        Counter(
            label: "test_requests_total", dimensions: [("kind", "a"), ("outcome", "b")], factory: registry
        ).increment()
        Counter(
            label: "test_requests_total", dimensions: [("outcome", "b"), ("kind", "a")], factory: registry
        ).increment()
        #expect(registry.value(of: #"test_requests_total{kind="a",outcome="b"}"#) == 2)
    }
}
