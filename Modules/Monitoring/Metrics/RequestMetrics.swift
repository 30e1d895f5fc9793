import Synchronization

/// Counts and times requests; one look-up a request.
package final class RequestMetrics: Sendable {
    private let registry: PrometheusRegistry
    private let inFlight = Atomic(0)
    private let histograms = Mutex<[Key: HistogramInstrument]>([:])

    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    package init(_ registry: PrometheusRegistry) {
        self.registry = registry
        registry.onScrape { [weak self] registry in
            registry.setGauge("tessera_http_requests_in_flight", to: Double(self?.inFlight.load(ordering: .relaxed) ?? 0))
        }
    }

    package func begin() { inFlight.add(1, ordering: .relaxed) }
    package func end() { inFlight.subtract(1, ordering: .relaxed) }

    /// - Parameter route: a template, never a path: paths have ids in them.
    package func observe(method: String, route: String, status: Int, duration: Duration) {
        let key = Key(method: Self.known.contains(method) ? method : "other", route: route, status: status)
        let histogram = histograms.withLock { histograms -> HistogramInstrument? in
            if let known = histograms[key] { return known }
            let new = registry.histogram(
                "tessera_http_request_duration_seconds", [("method", key.method), ("route", route), ("status", String(status))])
            histograms[key] = new
            return new
        }
        histogram?.observe(Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18)
    }

    private static let known: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
}
