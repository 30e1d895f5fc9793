import Crypto
import Foundation

/// A text by which a secret is found.
struct Trace: Sendable {
    enum Form: Sendable {
        case plain, hex, base64, hash
    }

    let text: String
    let form: Form
    let kind: String
    /// The response that may have it.
    let home: Int?

    /// What `secret` looks like wherever it may turn up: as it is, as hexadecimal digits, as base64 behind any other bytes, as its SHA-256.
    static func all(of secret: String, kind: String, home: Int?) -> [Trace] {
        let part = telling(secret)
        let bytes = Array(part.utf8)
        var texts: [(String, Form)] = [(part, .plain)] + hex(bytes).map { ($0, .hex) }
        texts += (0..<3).flatMap { base64(bytes, behind: $0) }.map { ($0, .base64) }
        let digest = Array(SHA256.hash(data: Data(secret.utf8)))
        texts += (hex(digest) + base64(digest, behind: 0)).map { ($0, .hash) }
        return texts.map { Trace(text: $0.0, form: $0.1, kind: kind, home: home) }
    }

    /// The part of a credential that isn't public: 24 digits (142 bits) of its secret, or of a session's signature; all of a password.
    private static func telling(_ secret: String) -> String {
        if secret.hasPrefix("ts"), let mark = secret.lastIndex(of: "_") { return String(secret[mark...].dropFirst().prefix(24)) }
        if secret.hasPrefix("eyJ"), let mark = secret.lastIndex(of: ".") { return String(secret[mark...].dropFirst().prefix(24)) }
        return secret
    }

    private static func hex(_ bytes: [UInt8]) -> [String] {
        let text = bytes.map { String(UInt16($0) | 0x100, radix: 16).dropFirst() }.joined()
        return [text, text.uppercased()]
    }

    /// The digits that depend on `bytes` alone, when `count` other bytes are before them; in both alphabets.
    private static func base64(_ bytes: [UInt8], behind count: Int) -> [String] {
        let text = Data(Array(repeating: 0, count: count) + bytes).base64EncodedString()
        let own = text.prefix((count + bytes.count) * 8 / 6).dropFirst((count * 8 + 5) / 6)
        return [String(own), String(own).replacing("+", with: "-").replacing("/", with: "_")]
    }
}
