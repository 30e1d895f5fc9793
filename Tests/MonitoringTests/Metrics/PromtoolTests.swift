import Foundation
import Metrics
import Monitoring
import Testing

/// Prometheus' own linter has nothing to say about what we expose.
struct PromtoolTests {
    static let promtool = ProcessInfo.processInfo.environment["TESSERA_TEST_PROMTOOL"] ?? "/usr/bin/promtool"

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: promtool), "promtool comes with Debian's package prometheus"))
    func promtoolIsSilentAboutEveryMetric() throws {
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
        let (status, said) = try check(text)
        #expect(status == 0)
        #expect(said.isEmpty, "\(said)")
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: promtool), "promtool comes with Debian's package prometheus"))
    func promtoolWouldSaySo() throws {
        let registry = PrometheusRegistry([MetricDescriptor("test_requests", .counter, "A counter without its ending.")])
        Counter(label: "test_requests", factory: registry).increment()
        #expect(try check(registry.text()).status != 0)
    }

    private func check(_ text: String) throws -> (status: Int32, said: String) {
        let process = Process()
        process.executableURL = URL(filePath: Self.promtool)
        process.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }
}
