package import FoundationEssentials

extension UUID {
    /// A version 7 UUID (RFC 9562 §5.7): 48 bits of Unix milliseconds, the fraction of that millisecond in the 12 bits that
    /// follow (method 3 of §6.2), 62 random bits. Ids made in one process sort by time to about a quarter of a microsecond.
    package static func v7(at time: Date) -> UUID {
        let milliseconds = max(0, time.timeIntervalSince1970 * 1000)
        let whole = milliseconds.rounded(.down)
        let fraction = UInt64((milliseconds - whole) * 4096) & 0xFFF
        let high = UInt64(whole) << 16 | 0x7000 | fraction
        let low = UInt64.random(in: 0...UInt64.max) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        func byte(_ word: UInt64, _ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: word >> (56 - index * 8)) }
        return UUID(
            uuid: (
                byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3), byte(high, 4), byte(high, 5), byte(high, 6), byte(high, 7),
                byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3), byte(low, 4), byte(low, 5), byte(low, 6), byte(low, 7)
            ))
    }
}

extension Identifier {
    /// A new time-ordered id: see ``UUID/v7(at:)``.
    package static func timeOrdered(at time: Date) -> Self { Self(.v7(at: time)) }
}
