package import FoundationEssentials

/// Reads and writes the date-times of RFC 3339 §5.6, strictly: `2026-02-30` is no date and `:60` no second.
package enum RFC3339 {
    /// `2026-11-21T08:15:30.250Z`: UTC, always three digits of a second, cut and not rounded.
    package static func format(_ date: Date) -> String {
        let milliseconds = Int((date.timeIntervalSince1970 * 1000 + 0.000_5).rounded(.down))
        let days = milliseconds.flooredDivision(by: 86_400_000)
        let rest = milliseconds - days * 86_400_000
        let day = CivilDate(daysSince1970: days)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        func append(_ value: Int, digits: Int) {
            var divisor = 1
            for _ in 1..<digits { divisor *= 10 }
            while divisor > 0 {
                text.append(UInt8(48 + value / divisor % 10))
                divisor /= 10
            }
        }
        append(day.year, digits: 4)
        text.append(UInt8(ascii: "-"))
        append(day.month, digits: 2)
        text.append(UInt8(ascii: "-"))
        append(day.day, digits: 2)
        text.append(UInt8(ascii: "T"))
        append(rest / 3_600_000, digits: 2)
        text.append(UInt8(ascii: ":"))
        append(rest / 60_000 % 60, digits: 2)
        text.append(UInt8(ascii: ":"))
        append(rest / 1000 % 60, digits: 2)
        text.append(UInt8(ascii: "."))
        append(rest % 1000, digits: 3)
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// The instant that a date-time names (`2026-11-21T08:15:30Z`, fraction and offset allowed), or nil.
    package static func dateTime(_ text: some StringProtocol) -> Date? {
        var scanner = DigitScanner(text.utf8)
        guard let day = scanner.date(), scanner.skip(oneOf: "Tt"),
            let hour = scanner.number(digits: 2), hour < 24, scanner.skip(oneOf: ":"),
            let minute = scanner.number(digits: 2), minute < 60, scanner.skip(oneOf: ":"),
            let second = scanner.number(digits: 2), second < 60,
            let fraction = scanner.fraction(), let offset = scanner.offset(), scanner.isAtEnd
        else { return nil }
        let seconds = day.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second - offset
        return Date(timeIntervalSince1970: Double(seconds) + fraction)
    }

    /// The first instant (UTC) of the full-date `2026-11-21`, or nil.
    package static func date(_ text: some StringProtocol) -> Date? {
        var scanner = DigitScanner(text.utf8)
        guard let day = scanner.date(), scanner.isAtEnd else { return nil }
        return Date(timeIntervalSince1970: Double(day.daysSince1970 * 86_400))
    }
}

/// Walks over ASCII digits and separators.
private struct DigitScanner<Bytes: Collection<UInt8>> {
    private var rest: Bytes.SubSequence

    init(_ bytes: Bytes) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func date() -> CivilDate? {
        guard let year = number(digits: 4), skip(oneOf: "-"), let month = number(digits: 2), skip(oneOf: "-"), let day = number(digits: 2)
        else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }

    mutating func number(digits: Int) -> Int? {
        var value = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    mutating func skip(oneOf allowed: String) -> Bool {
        guard let byte = rest.first, allowed.utf8.contains(byte) else { return false }
        rest.removeFirst()
        return true
    }

    /// `.` and one to nine digits, or nothing, which is 0.
    mutating func fraction() -> Double? {
        guard skip(oneOf: ".") else { return 0 }
        var value = 0.0
        var scale = 0.1
        var count = 0
        while let digit = digit() {
            value += Double(digit) * scale
            scale /= 10
            count += 1
        }
        return (1...9).contains(count) ? value : nil
    }

    /// Seconds east of UTC: `Z` or `±hh:mm`.
    mutating func offset() -> Int? {
        if skip(oneOf: "Zz") { return 0 }
        guard let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        rest.removeFirst()
        guard let hours = number(digits: 2), hours < 24, skip(oneOf: ":"), let minutes = number(digits: 2), minutes < 60 else { return nil }
        return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    private mutating func digit() -> Int? {
        guard let byte = rest.first, (48...57).contains(byte) else { return nil }
        rest.removeFirst()
        return Int(byte - 48)
    }
}

extension Int {
    fileprivate func flooredDivision(by divisor: Int) -> Int {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
