import Monitoring

extension PrometheusRegistry {
    /// The value that the exposition shows for `series`, e.g. `tessera_usage_dropped_total{reason="rejected"}`.
    func value(of series: String) -> Double? {
        text().split(separator: "\n").first { $0.hasPrefix(series + " ") }.flatMap { Double($0.dropFirst(series.count + 1)) }
    }

    /// The sum over all series of `name`.
    func sum(of name: String) -> Double {
        text().split(separator: "\n")
            .filter { $0.hasPrefix(name + " ") || $0.hasPrefix(name + "{") }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
            .reduce(0, +)
    }
}
