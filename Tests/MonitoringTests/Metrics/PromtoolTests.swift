import Foundation
import Metrics
import Monitoring
import Support
import Testing

/// Prometheus' own linter has nothing to say about what we expose.
struct PromtoolTests {
    static let promtool = ProcessInfo.processInfo.environment["TESSERA_TEST_PROMTOOL"] ?? "/usr/bin/promtool"

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: promtool), "promtool comes with Debian's package prometheus"))
    func promtoolIsSilentAboutEveryMetric() async throws {
        let registry = PrometheusRegistry()
        ProcessMetrics.register(with: registry)
        for metric in MetricCatalogue.all {
            switch metric.kind {
            case .counter: Counter(label: metric.name, dimensions: [("reason", "a\"b\\c\nd")], factory: registry).increment()
            case .gauge: registry.setGauge(metric.name, to: 1.5)
            case .histogram: Metrics.Timer(label: metric.name, dimensions: [("route", "/x/{id}")], factory: registry).recordSeconds(0.2)
            }
        }
        let text = registry.text()
        for metric in MetricCatalogue.all { #expect(text.contains("# TYPE \(metric.name) ")) }
        let (status, said) = try await check(text)
        #expect(status == 0)
        #expect(said.isEmpty, "\(said)")
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: promtool), "promtool comes with Debian's package prometheus"))
    func promtoolWouldSaySo() async throws {
        let registry = PrometheusRegistry([MetricDescriptor("test_requests", .counter, "A counter without its ending.")])
        Counter(label: "test_requests", factory: registry).increment()
        #expect(try await check(registry.text()).status != 0)
    }

    private func check(_ text: String) async throws -> (status: Int32, said: String) {
        let file = FileManager.default.temporaryDirectory.appending(path: "tessera-metrics-\(UUID().uuidString)")
        try text.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let done = try await run(Self.promtool, ["check", "metrics"], input: try FileHandle(forReadingFrom: file))
        return (done.code, done.output + done.errors)
    }
}
