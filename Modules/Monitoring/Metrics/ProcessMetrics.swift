import Foundation

/// What the kernel knows of this process (`/proc/self`, proc(5)).
package enum ProcessMetrics {
    package static func register(with registry: PrometheusRegistry) {
        let start = Date().timeIntervalSince1970
        registry.onScrape { registry in
            registry.setGauge("process_start_time_seconds", to: start)
            if let pages = residentPages() { registry.setGauge("process_resident_memory_bytes", to: Double(pages * pageSize)) }
            if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
                registry.setGauge("process_open_fds", to: Double(files))
            }
        }
    }

    private static let pageSize = sysconf(Int32(_SC_PAGESIZE))

    /// The second number of `statm`.
    private static func residentPages() -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        let numbers = text.split(separator: " ")
        return numbers.count > 1 ? Int(numbers[1]) : nil
    }
}
