/// A network of IPv4 or IPv6 addresses (RFC 4632 §3.1): an address with so many bits that count, the rest zero.
package struct CIDR: Hashable, Sendable, CustomStringConvertible {
    package let address: IPAddress
    /// Bits: 0–32 or 0–128.
    package let prefixLength: Int

    /// The network that `text` spells, e.g. `203.0.113.0/24`; an address alone is a network of itself. nil for anything else, and
    /// where bits behind the prefix are set. IPv4 in IPv6 clothes is the IPv4 network it means.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        guard parts.count == 2 else {
            self.init(address, prefixLength: address.bitWidth)
            return
        }
        guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
            parts[1] == "0" || !parts[1].hasPrefix("0"), let length = Int(parts[1])
        else { return nil }
        // `::ffff:203.0.113.0/120` has 96 bits more than the network it means.
        let clothes = address.bitWidth == 32 && parts[0].contains(":") ? 96 : 0
        self.init(address, prefixLength: length - clothes)
    }

    package init?(_ address: IPAddress, prefixLength: Int) {
        guard (0...address.bitWidth).contains(prefixLength), address.masked(prefixLength) == address else { return nil }
        self.address = address
        self.prefixLength = prefixLength
    }

    package func contains(_ other: IPAddress) -> Bool {
        other.bitWidth == address.bitWidth && other.masked(prefixLength) == address
    }

    package func contains(_ other: CIDR) -> Bool { other.prefixLength >= prefixLength && contains(other.address) }

    package var description: String { "\(address)/\(prefixLength)" }
}

extension Sequence<CIDR> {
    package func contain(_ address: IPAddress) -> Bool { contains { $0.contains(address) } }
}

extension IPAddress {
    /// 32 or 128.
    package var bitWidth: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    /// With all bits behind the first `length` zero.
    fileprivate func masked(_ length: Int) -> IPAddress {
        switch self {
        case .v4(let word): .v4(length == 0 ? 0 : word & ~0 << UInt32(32 - length))
        case .v6(let high, let low):
            .v6(
                high: length >= 64 ? high : length == 0 ? 0 : high & ~0 << UInt64(64 - length),
                low: length <= 64 ? 0 : low & ~0 << UInt64(128 - length))
        }
    }
}
