import FoundationEssentials

/// Cuts a time range into what each level of the usage log can answer exactly: whole days, whole hours, and the rest.
enum UsageRange {
    enum Part: Equatable {
        case days(Range<Date>)
        case hours(Range<Date>)
        /// At most an hour at either end.
        case rows(Range<Date>)
    }

    /// The parts of `from ..< to` in order; without `to` it is open-ended, up to where the days end.
    static func parts(from: Date, to: Date?) -> [Part] {
        let to = to ?? .distantFuture
        var position = from
        var parts: [Part] = []
        func add(until end: Date, _ part: (Range<Date>) -> Part) {
            let end = min(end, to)
            guard position < end else { return }
            parts.append(part(position..<end))
            position = end
        }
        if position < to { add(until: from.ceiling(3600), Part.rows) }
        add(until: min(from.ceiling(86_400), to.floor(3600)), Part.hours)
        add(until: to.floor(86_400), Part.days)
        add(until: to.floor(3600), Part.hours)
        add(until: to, Part.rows)
        return parts
    }

    /// The first instant whose records are surely kept: partitions are weeks, and only whole ones are dropped.
    static func oldest(retentionDays: Int, at now: Date) -> Date {
        let day = (now - Double(retentionDays) * 86_400).floor(86_400)
        let days = Int(day.timeIntervalSince1970 / 86_400)
        // 1970-01-01 was a Thursday: Mondays are at 4 modulo 7.
        return day - Double((days - 4 + 7) % 7) * 86_400
    }
}

extension Date {
    fileprivate func floor(_ seconds: Double) -> Date {
        Date(timeIntervalSince1970: (timeIntervalSince1970 / seconds).rounded(.down) * seconds)
    }

    fileprivate func ceiling(_ seconds: Double) -> Date {
        Date(timeIntervalSince1970: (timeIntervalSince1970 / seconds).rounded(.up) * seconds)
    }
}
