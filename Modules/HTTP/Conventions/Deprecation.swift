package import FoundationEssentials
import HTTPTypes

/// That an operation will go: since when it is advised against, and when it ends.
package struct Deprecation: Hashable, Sendable {
    package let since: Date
    /// Not before ``since``; nil: not known yet.
    package let sunset: Date?
    /// Where it is told what to do instead.
    package let advice: String?

    package init(since: Date, sunset: Date? = nil, advice: String? = nil) {
        self.since = since
        self.sunset = sunset
        self.advice = advice
    }

    /// Adds `Deprecation` (RFC 9745 §2), `Sunset` (RFC 8594 §3) and a `Link` to the advice.
    func mark(_ headers: inout HTTPFields) {
        headers[.deprecation] = "@\(Int64(since.timeIntervalSince1970))"
        headers[.sunset] = sunset.map(Self.httpDate)
        if let advice { headers.append(HTTPField(name: .link, value: "<\(advice)>; rel=\"deprecation\"; type=\"text/html\"")) }
    }

    /// e.g. `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
    private static func httpDate(_ date: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.weekday, .day, .month, .year, .hour, .minute, .second], from: date)
        func digits(_ number: Int?, _ count: Int = 2) -> String {
            let text = String(number ?? 0)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][(parts.weekday ?? 1) - 1]
        let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][(parts.month ?? 1) - 1]
        let time = [parts.hour, parts.minute, parts.second].map { digits($0) }.joined(separator: ":")
        return "\(day), \(digits(parts.day)) \(month) \(digits(parts.year, 4)) \(time) GMT"
    }
}
