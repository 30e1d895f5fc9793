import FoundationEssentials

/// The time of these tests: it stands still.
enum Moment {
    /// Wednesday, 2026-03-04T10:20:30.123456Z.
    static let now = Date(timeIntervalSince1970: 1_772_619_630.123456)

    /// That many seconds after ``now``, cut to the microsecond.
    static func after(_ seconds: Double) -> Date {
        Date(timeIntervalSince1970: (((now.timeIntervalSince1970 + seconds) * 1_000_000).rounded() / 1_000_000))
    }

    static func ago(_ seconds: Double) -> Date { after(-seconds) }

    static let hour = 3_600.0
    static let day = 86_400.0
    static let week = 7 * day
}

extension Date {
    /// Microseconds since 1970: what the database keeps, and what two dates are compared by here.
    var inMicroseconds: Int64 { Int64((timeIntervalSince1970 * 1_000_000).rounded()) }
}
