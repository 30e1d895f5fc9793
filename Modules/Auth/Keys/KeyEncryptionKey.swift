import Crypto
import FoundationEssentials

/// The key, kept outside the database, that seals what the database must not be able to use by itself.
package struct KeyEncryptionKey: Sendable {
    private let key: SymmetricKey

    /// - Parameter text: 32 bytes as base64 or hex. Throws ``InvalidKey``.
    package init(_ text: String) throws(InvalidKey) {
        let hex = text.utf8.count == 64 ? Self.hex(text) : nil
        guard let bytes = hex ?? Data(base64Encoded: text).map(Array.init), bytes.count == 32 else { throw InvalidKey() }
        key = SymmetricKey(data: bytes)
    }

    package struct InvalidKey: Error {}

    /// 32 bytes for another purpose; `purpose` keeps them apart from all others.
    package func derived(for purpose: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(purpose.utf8), using: key))
    }

    /// AES-256-GCM with `context` authenticated beside it: a sealed key can't be passed off as another's.
    func seal(_ secret: [UInt8], context: String) throws -> [UInt8] {
        let box = try AES.GCM.seal(secret, using: key, authenticating: Array(context.utf8))
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    func open(_ sealed: [UInt8], context: String) throws -> [UInt8] {
        Array(try AES.GCM.open(try AES.GCM.SealedBox(combined: sealed), using: key, authenticating: Array(context.utf8)))
    }

    private static func hex(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard !digits.contains(nil) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8((digits[$0] ?? 0) * 16 + (digits[$0 + 1] ?? 0)) }
    }
}
