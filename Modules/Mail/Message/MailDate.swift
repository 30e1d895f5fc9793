import FoundationEssentials

/// A moment in UTC as headers and file names write it.
struct MailDate {
    private let parts: DateComponents

    init(_ date: Date) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        // 1900-01-01 to 9999-12-31, in seconds since 1970.
        let seconds = min(max(date.timeIntervalSince1970, -2_208_988_800), 253_402_300_799)
        parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second, .weekday], from: Date(timeIntervalSince1970: seconds))
    }

    /// `Sun, 06 Nov 1994 08:49:37 +0000` (RFC 5322 §3.3).
    var rfc5322: String {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let day = days[(parts.weekday ?? 1) - 1]
        let month = months[(parts.month ?? 1) - 1]
        return "\(day), \(two(parts.day)) \(month) \(year) \(two(parts.hour)):\(two(parts.minute)):\(two(parts.second)) +0000"
    }

    /// `19941106-084937`.
    var stamp: String { "\(year)\(two(parts.month))\(two(parts.day))-\(two(parts.hour))\(two(parts.minute))\(two(parts.second))" }

    private var year: String { String(parts.year ?? 1970) }

    private func two(_ number: Int?) -> String {
        let digits = String(number ?? 0)
        return digits.count < 2 ? "0" + digits : digits
    }
}
