import Foundation
import Monitoring
import Testing

/// What the kernel says of this process.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/statm"), "Linux only"))
struct ProcessMetricsTests {
    private let registry = PrometheusRegistry()

    @Test func memoryFilesAndStartAreShown() throws {
        ProcessMetrics.register(with: registry)
        let memory = try #require(registry.value(of: "process_resident_memory_bytes"))
        #expect((1 << 20...1 << 36).contains(Int(memory)))
        let start = try #require(registry.value(of: "process_start_time_seconds"))
        #expect(abs(start - Date().timeIntervalSince1970) < 3600)
        let files = try #require(registry.value(of: "process_open_fds"))
        #expect(files >= 3)
    }

    @Test func anOpenedFileIsCounted() throws {
        ProcessMetrics.register(with: registry)
        let before = try #require(registry.value(of: "process_open_fds"))
        // Other tests run beside this one and open files too; a hundred stand out.
        let files = (0..<100).compactMap { _ in FileHandle(forReadingAtPath: "/dev/null") }
        let after = try #require(registry.value(of: "process_open_fds"))
        #expect(after - before > 50)
        for file in files { try file.close() }
    }
}
