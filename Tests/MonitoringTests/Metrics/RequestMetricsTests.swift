import Monitoring
import Testing

/// Requests are counted by template and never by what a caller makes up.
struct RequestMetricsTests {
    private let registry = PrometheusRegistry()

    @Test func aRequestIsCountedByMethodTemplateAndStatus() {
        let metrics = RequestMetrics(registry)
        metrics.observe(method: "GET", route: "/api/v1/tokens/{id}", status: 404, duration: .milliseconds(3))
        metrics.observe(method: "GET", route: "/api/v1/tokens/{id}", status: 404, duration: .milliseconds(7))
        let labels = #"{method="GET",route="/api/v1/tokens/{id}",status="404"}"#
        #expect(registry.value(of: "tessera_http_request_duration_seconds_count" + labels) == 2)
        #expect(registry.value(of: "tessera_http_request_duration_seconds_sum" + labels) == 0.01)
    }

    @Test func madeUpMethodsAreOneSeries() {
        let metrics = RequestMetrics(registry)
        for number in 0..<100 { metrics.observe(method: "M\(number)", route: "(unmatched)", status: 404, duration: .zero) }
        metrics.observe(method: "get", route: "(unmatched)", status: 404, duration: .zero)
        let labels = #"{method="other",route="(unmatched)",status="404"}"#
        #expect(registry.value(of: "tessera_http_request_duration_seconds_count" + labels) == 101)
        #expect(registry.text().split(separator: "\n").count { $0.contains("duration_seconds_count") } == 1)
    }

    @Test func requestsInFlightAreThoseBegunAndNotEnded() {
        let metrics = RequestMetrics(registry)
        for _ in 0..<3 { metrics.begin() }
        metrics.end()
        #expect(registry.value(of: "tessera_http_requests_in_flight") == 2)
    }
}
