import Domain
import FoundationEssentials

/// Digits `0-9A-Za-z`, most significant first.
enum Base62 {
    static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// Digits that any 128-bit number fits in: most strings of that length are more than one.
    static let digitsPerUUID = 22

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    /// The value of one digit, or 0xFF.
    static func value(of digit: UInt8) -> UInt8 { values[Int(digit)] }

    /// Exactly 22 digits.
    static func encode(_ uuid: UUID) -> [UInt8] {
        var number = uuid.bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        var text = [UInt8](repeating: digits[0], count: digitsPerUUID)
        var index = digitsPerUUID - 1
        while number > 0 {
            let (quotient, remainder) = number.quotientAndRemainder(dividingBy: 62)
            text[index] = digits[Int(remainder)]
            number = quotient
            index -= 1
        }
        return text
    }

    /// The UUID that exactly 22 digits stand for; nil for other characters and for numbers past 2^128. Each UUID has one spelling.
    static func decode(_ text: ArraySlice<UInt8>) -> UUID? {
        guard text.count == digitsPerUUID else { return nil }
        var number: UInt128 = 0
        for digit in text {
            let value = value(of: digit)
            guard value != 0xFF else { return nil }
            let (product, overflowed) = number.multipliedReportingOverflow(by: 62)
            let (sum, carried) = product.addingReportingOverflow(UInt128(value))
            guard !overflowed, !carried else { return nil }
            number = sum
        }
        return UUID(bytes: (0..<16).map { UInt8(truncatingIfNeeded: number >> UInt128(120 - $0 * 8)) })
    }

    /// `number` in exactly `count` digits; what doesn't fit is cut off.
    static func encode(_ number: UInt32, count: Int) -> [UInt8] {
        var number = number
        var text = [UInt8](repeating: digits[0], count: count)
        for index in stride(from: count - 1, through: 0, by: -1) {
            text[index] = digits[Int(number % 62)]
            number /= 62
        }
        return text
    }
}
