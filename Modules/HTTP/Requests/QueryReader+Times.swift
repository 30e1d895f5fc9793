import Domain
package import FoundationEssentials

/// The two ends of a time range, which every log takes.
extension QueryReader {
    /// `from`, inclusive: an instant, or the first one of a date.
    package mutating func from() -> Date? {
        value("from", expected: Self.times) { RFC3339.date($0) ?? RFC3339.dateTime($0) }
    }

    /// `to`, exclusive for an instant; a date's whole day is in it.
    package mutating func to() -> Date? {
        value("to", expected: Self.times) { text in RFC3339.date(text).map { $0.addingTimeInterval(86_400) } ?? RFC3339.dateTime(text) }
    }

    private static var times: String { "a date (2026-11-21) or date-time (2026-11-21T12:00:00Z) of RFC 3339" }
}
