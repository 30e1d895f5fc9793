/// An IPv4 or IPv6 address. IPv4 in IPv6 clothes (`::ffff:203.0.113.7`) is the IPv4 address it means.
package enum IPAddress: Hashable, Sendable {
    case v4(UInt32)
    case v6(high: UInt64, low: UInt64)

    /// The address that `text` spells (RFC 4291 §2.2, without zone), or nil.
    package init?(_ text: some StringProtocol) {
        if let address = Self.v4(text) {
            self = .v4(address)
        } else if let groups = Self.v6(text) {
            self.init(groups: groups)
        } else {
            return nil
        }
    }

    /// 4 or 16 bytes in network order.
    package init?(bytes: [UInt8]) {
        switch bytes.count {
        case 4: self = .v4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16: self.init(groups: (0..<8).map { UInt16(bytes[$0 * 2]) << 8 | UInt16(bytes[$0 * 2 + 1]) })
        default: return nil
        }
    }

    /// 4 or 16 bytes in network order.
    package var bytes: [UInt8] {
        switch self {
        case .v4(let word): (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - $0 * 8)) }
        case .v6(let high, let low):
            (0..<16).map { index in
                let word = index < 8 ? high : low
                return UInt8(truncatingIfNeeded: word >> UInt64(56 - index % 8 * 8))
            }
        }
    }

    /// What limits count by: an IPv4 address, or the /64 that one IPv6 customer has.
    package var network: IPAddress {
        switch self {
        case .v4: self
        case .v6(let high, _): .v6(high: high, low: 0)
        }
    }

    private init(groups: [UInt16]) {
        if groups[0..<5].allSatisfy({ $0 == 0 }), groups[5] == 0xFFFF {
            self = .v4(UInt32(groups[6]) << 16 | UInt32(groups[7]))
        } else {
            self = .v6(
                high: groups[0..<4].reduce(0) { $0 << 16 | UInt64($1) },
                low: groups[4..<8].reduce(0) { $0 << 16 | UInt64($1) })
        }
    }
}

extension IPAddress {
    /// Four numbers from 0 to 255 without leading zeros, with dots between them.
    private static func v4(_ text: some StringProtocol) -> UInt32? {
        var address: UInt32 = 0
        var dots = 0
        var number: UInt32 = 0
        var digits = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "."), digits > 0, dots < 3 {
                address = address << 8 | number
                (dots, number, digits) = (dots + 1, 0, 0)
            } else if (48...57).contains(byte), digits == 0 || number > 0 {
                number = number * 10 + UInt32(byte - 48)
                digits += 1
                guard number <= 255 else { return nil }
            } else {
                return nil
            }
        }
        return dots == 3 && digits > 0 ? address << 8 | number : nil
    }

    private static func v6(_ text: some StringProtocol) -> [UInt16]? {
        guard (2...45).contains(text.utf8.count), let halves = halves(of: String(text)) else { return nil }
        guard let head = groups(halves.head, mayEndInV4: halves.tail == nil) else { return nil }
        guard let tailText = halves.tail else { return head.count == 8 ? head : nil }
        guard let tail = groups(tailText, mayEndInV4: true), head.count + tail.count <= 7 else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    /// What stands before and behind `::`; nil if there are two of them.
    private static func halves(of text: String) -> (head: Substring, tail: Substring?)? {
        let bytes = Array(text.utf8)
        let places = bytes.indices.dropLast().filter { bytes[$0] == colon && bytes[$0 + 1] == colon }
        switch places.count {
        case 0: return (text[...], nil)
        case 1: return (text.prefix(places[0]), text.dropFirst(places[0] + 2))
        default: return nil
        }
    }

    private static func groups(_ text: Substring, mayEndInV4: Bool) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, mayEndInV4, part.contains("."), let address = v4(part) {
                groups += [UInt16(address >> 16), UInt16(truncatingIfNeeded: address)]
            } else if (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexDigit), let group = UInt16(part, radix: 16) {
                groups.append(group)
            } else {
                return nil
            }
        }
        return groups
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...70, 97...102: true
        default: false
        }
    }
}

private let colon = UInt8(ascii: ":")

extension IPAddress: CustomStringConvertible {
    /// Dotted, or the shortest form of RFC 5952 §4.
    package var description: String {
        switch self {
        case .v4: return bytes.map(String.init).joined(separator: ".")
        case .v6(let high, let low):
            let groups = (0..<8).map { index in
                UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - index % 4 * 16))
            }
            guard let zeros = Self.longestZeros(in: groups) else { return Self.text(groups[...]) }
            return Self.text(groups[..<zeros.lowerBound]) + "::" + Self.text(groups[zeros.upperBound...])
        }
    }

    private static func text(_ groups: ArraySlice<UInt16>) -> String {
        groups.map { String($0, radix: 16) }.joined(separator: ":")
    }

    /// The first longest run of two or more zero groups.
    private static func longestZeros(in groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start >= 2, index - start > best?.count ?? 0 { best = start..<index }
            start = index + 1
        }
        return best
    }
}
