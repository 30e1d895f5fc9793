import Domain
import HTTPTypes

/// The `Idempotency-Key` header, as a string of structured fields (RFC 9651 §3.3.3) or as it stands, without quotes: both spell the same key.
enum IdempotencyKeyField {
    /// Characters of a key.
    static let bounds = 1...255

    /// nil: there is none. Throws ``ErrorCode/invalidRequest`` for two, and for what is no key.
    static func key(in headers: HTTPFields) throws(Refusal) -> String? {
        let values = headers[values: .idempotencyKey]
        guard let value = values.first else { return nil }
        let text = value.trimmed
        guard values.count == 1, let key = text.hasPrefix("\"") ? unquoted(text) : text, bounds.contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else {
            throw Refusal(.invalidRequest, "There may be one Idempotency-Key of \(bounds.lowerBound) to \(bounds.upperBound) printable characters.")
        }
        return key
    }

    private static func unquoted(_ text: String) -> String? {
        var key: [UInt8] = []
        var rest = text.utf8.dropFirst()
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return rest.isEmpty ? String(decoding: key, as: UTF8.self) : nil
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst(), escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\") else { return nil }
                key.append(escaped)
            default: key.append(byte)
            }
        }
        return nil
    }
}
