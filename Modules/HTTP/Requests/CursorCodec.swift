import Crypto
import Domain
import FoundationEssentials

/// Turns a place in a list into an opaque cursor and back. A cursor holds for the path and filters it was made for: a MAC
/// binds it to them, so that no one can point it elsewhere.
package struct CursorCodec: Sendable {
    private let key: SymmetricKey

    /// - Parameter key: 32 secret bytes, the same on every node.
    package init(key: [UInt8]) { self.key = SymmetricKey(data: key) }

    func encode(_ keyset: Keyset, for binding: String) -> String {
        let payload = Self.payload(of: keyset)
        return Base64URL.encode(payload + tag(of: payload, for: binding))
    }

    /// The place that `text` stands for, or nil if it wasn't made here for `binding`.
    func decode(_ text: String, for binding: String) -> Keyset? {
        guard text.utf8.count == 54, let bytes = Base64URL.decode(text.utf8).map(Array.init) else { return nil }
        let payload = Array(bytes[..<24])
        guard zip(tag(of: payload, for: binding), bytes[24...]).reduce(UInt8(0), { $0 | ($1.0 ^ $1.1) }) == 0 else { return nil }
        let microseconds = payload[..<8].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return UUID(bytes: payload[8...]).map { Keyset(time: Date(timeIntervalSince1970: Double(microseconds) / 1_000_000), id: $0) }
    }

    private static func payload(of keyset: Keyset) -> [UInt8] {
        let microseconds = Int64((keyset.time.timeIntervalSince1970 * 1_000_000).rounded())
        return (0..<8).map { UInt8(truncatingIfNeeded: microseconds >> Int64(56 - $0 * 8)) } + keyset.id.bytes
    }

    /// The first 16 bytes of the HMAC-SHA256 over payload and binding.
    private func tag(of payload: [UInt8], for binding: String) -> [UInt8] {
        Array(Array(HMAC<SHA256>.authenticationCode(for: payload + Array(binding.utf8), using: key))[..<16])
    }
}
