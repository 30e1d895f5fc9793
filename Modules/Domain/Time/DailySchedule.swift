package import FoundationEssentials

/// Times of day (UTC) at which something is done, day after day.
package struct DailySchedule: Sendable, Equatable {
    /// Minutes since midnight, in order; none: never.
    package let minutes: [Int]

    /// `02:00`, several times with commas between them, or `off`.
    package init?(_ text: String) {
        if text == "off" {
            minutes = []
            return
        }
        var minutes: Set<Int> = []
        for time in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = time.filter { $0 != " " }.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (48...57).contains($0) } }),
                let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
            else { return nil }
            minutes.insert(hour * 60 + minute)
        }
        self.minutes = minutes.sorted()
    }

    /// The last of the times that isn't after `now`; nil: never.
    package func latest(at now: Date) -> Date? {
        guard let last = minutes.last else { return nil }
        let midnight = (now.timeIntervalSince1970 / 86_400).rounded(.down) * 86_400
        let passed = minutes.last { midnight + Double($0) * 60 <= now.timeIntervalSince1970 }
        return Date(timeIntervalSince1970: passed.map { midnight + Double($0) * 60 } ?? midnight - 86_400 + Double(last) * 60)
    }
}
