/// The SHA-256 of a whole token string: what is stored. Compare it in constant time only, so it is not `Equatable`.
package struct HashedToken: Sendable {
    /// 32 bytes.
    package let bytes: [UInt8]

    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Whether both are the same, in a time that doesn't depend on where they differ.
    package func matches(_ other: HashedToken) -> Bool {
        var difference: UInt8 = 0
        for index in 0..<32 { difference |= bytes[index] ^ other.bytes[index] }
        return difference == 0
    }
}
