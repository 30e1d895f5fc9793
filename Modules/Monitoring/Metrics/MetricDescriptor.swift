/// What a metric is: its name with base unit, what it tells, and its labels.
package struct MetricDescriptor: Sendable {
    package enum Kind: Sendable {
        case counter
        case gauge
        /// Upper bounds, ascending, without infinity.
        case histogram([Double])
    }

    package let name: String
    package let help: String
    package let kind: Kind

    package init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }
}
