package import CoreMetrics
import Synchronization

/// The metrics of this process, as swift-metrics hands them in and as Prometheus reads them.
package final class PrometheusRegistry: MetricsFactory, Sendable {
    private let descriptors: [String: MetricDescriptor]
    private let order: [String]
    private let instruments = Mutex<[String: [[Label]: Instrument]]>([:])
    private let collectors = Mutex<[@Sendable (PrometheusRegistry) -> Void]>([])

    struct Label: Hashable, Sendable {
        let name: String
        let value: String
    }

    enum Instrument: Sendable {
        case counter(CounterInstrument)
        case gauge(GaugeInstrument)
        case histogram(HistogramInstrument)
    }

    package init(_ catalogue: [MetricDescriptor] = MetricCatalogue.all) {
        order = catalogue.map(\.name)
        descriptors = Dictionary(uniqueKeysWithValues: catalogue.map { ($0.name, $0) })
    }

    /// Called before each scrape, for what is only known by asking.
    package func onScrape(_ collector: @escaping @Sendable (PrometheusRegistry) -> Void) { collectors.withLock { $0.append(collector) } }

    /// Sets a gauge of the catalogue.
    package func setGauge(_ name: String, _ labels: [(String, String)] = [], to value: Double) {
        if case .gauge(let gauge) = instrument(name, labels) { gauge.set(value) }
    }

    /// A histogram of the catalogue; nil if there is none of that name.
    package func histogram(_ name: String, _ labels: [(String, String)]) -> HistogramInstrument? {
        if case .histogram(let histogram) = instrument(name, labels) { histogram } else { nil }
    }

    private func instrument(_ name: String, _ dimensions: [(String, String)]) -> Instrument? {
        guard let descriptor = descriptors[name] else { return nil }
        // In one order: the same labels in another would be a second series of the same name to Prometheus, and fail the scrape.
        let labels = dimensions.map { Label(name: $0.0, value: $0.1) }.sorted { $0.name < $1.name }
        return instruments.withLock { instruments in
            if let known = instruments[name]?[labels] { return known }
            let new: Instrument =
                switch descriptor.kind {
                case .counter: .counter(CounterInstrument())
                case .gauge: .gauge(GaugeInstrument())
                case .histogram(let bounds): .histogram(HistogramInstrument(bounds: bounds))
                }
            instruments[name, default: [:]][labels] = new
            return new
        }
    }

    // MARK: MetricsFactory

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        if case .counter(let counter) = instrument(label, dimensions) { counter } else { NOOPMetricsHandler.instance }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        if case .gauge(let gauge) = instrument(label, dimensions) { gauge } else { NOOPMetricsHandler.instance }
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        NOOPMetricsHandler.instance
    }

    package func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        NOOPMetricsHandler.instance
    }

    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}

    // MARK: Exposition

    /// The metrics in the text format 0.0.4 of Prometheus, in the catalogue's order.
    package func text() -> String {
        for collector in collectors.withLock({ $0 }) { collector(self) }
        let instruments = instruments.withLock { $0 }
        var exposition = Exposition()
        for name in order {
            guard let descriptor = descriptors[name], let series = instruments[name] else { continue }
            exposition.header(descriptor)
            for (labels, instrument) in series.sorted(by: { Exposition.text($0.key) < Exposition.text($1.key) }) {
                exposition.series(name, labels, instrument)
            }
        }
        return exposition.text
    }
}
