/// Writes the Prometheus text format 0.0.4.
struct Exposition {
    private(set) var text = ""

    mutating func header(_ descriptor: MetricDescriptor) {
        let type =
            switch descriptor.kind {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        text += "# HELP \(descriptor.name) \(descriptor.help)\n# TYPE \(descriptor.name) \(type)\n"
    }

    mutating func series(_ name: String, _ labels: [PrometheusRegistry.Label], _ instrument: PrometheusRegistry.Instrument) {
        switch instrument {
        case .counter(let counter): line(name, labels, "\(counter.current)")
        case .gauge(let gauge): line(name, labels, Self.number(gauge.current))
        case .histogram(let histogram):
            let state = histogram.current
            var total = 0
            for (index, count) in state.counts.enumerated() {
                total += count
                let bound = index < histogram.bounds.count ? Self.number(histogram.bounds[index]) : "+Inf"
                line(name + "_bucket", labels + [.init(name: "le", value: bound)], "\(total)")
            }
            line(name + "_sum", labels, Self.number(state.sum))
            line(name + "_count", labels, "\(total)")
        }
    }

    private mutating func line(_ name: String, _ labels: [PrometheusRegistry.Label], _ value: String) {
        text += "\(name)\(Self.text(labels)) \(value)\n"
    }

    static func text(_ labels: [PrometheusRegistry.Label]) -> String {
        if labels.isEmpty { return "" }
        return "{" + labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
    }

    /// By scalars: as a character, CR LF is no line feed.
    private static func escaped(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Whole numbers without a fraction.
    private static func number(_ value: Double) -> String {
        value.rounded() == value && value.magnitude < 1e15 ? String(Int64(value)) : String(value)
    }
}
