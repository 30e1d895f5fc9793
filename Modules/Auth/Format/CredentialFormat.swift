import Crypto
import Domain
import FoundationEssentials

/// The layout that all of Tessera's opaque credentials share: a prefix, ids of 22 digits each, `_`, 43 digits of secret, and
/// 6 digits of CRC-32 over everything before them.
///
/// Only `[0-9A-Za-z_]`: a double click selects all of it. The checksum sorts out typing errors and scanners' false finds
/// without asking the database; it proves nothing.
struct CredentialFormat: Sendable {
    let prefix: [UInt8]
    let ids: Int

    static let apiToken = CredentialFormat(prefix: Array("tsr_".utf8), ids: 2)
    static let serviceAccountToken = CredentialFormat(prefix: Array("tss_".utf8), ids: 2)
    static let refreshToken = CredentialFormat(prefix: Array("tsf_".utf8), ids: 3)

    static let deviceToken = CredentialFormat(prefix: Array("tsd_".utf8), ids: 2)
    static let mailedSecret = CredentialFormat(prefix: Array("tsm_".utf8), ids: 1)
    static let introspector = CredentialFormat(prefix: Array("tsi_".utf8), ids: 1)

    static let secretDigits = 43
    static let checksumDigits = 6

    /// Characters of a whole credential.
    var length: Int { prefix.count + ids * Base62.digitsPerUUID + 1 + Self.secretDigits + Self.checksumDigits }

    /// A new credential for `identifiers`.
    func mint(_ identifiers: [UUID]) -> [UInt8] {
        var text = prefix + identifiers.flatMap(Base62.encode) + [Self.separator] + Self.secret()
        text += Base62.encode(CRC32.checksum(text), count: Self.checksumDigits)
        return text
    }

    /// The ids in `text` if it has this shape and its checksum fits; nil otherwise.
    func parse(_ text: [UInt8]) -> [UUID]? {
        guard text.count == length, text.starts(with: prefix) else { return nil }
        let body = prefix.count + ids * Base62.digitsPerUUID
        let checksum = length - Self.checksumDigits
        guard text[body] == Self.separator, text[(body + 1)...].allSatisfy({ Base62.value(of: $0) != 0xFF }),
            text[checksum...].elementsEqual(Base62.encode(CRC32.checksum(text[..<checksum]), count: Self.checksumDigits))
        else { return nil }
        var identifiers: [UUID] = []
        for index in 0..<ids {
            let start = prefix.count + index * Base62.digitsPerUUID
            guard let id = Base62.decode(text[start..<start + Base62.digitsPerUUID]) else { return nil }
            identifiers.append(id)
        }
        return identifiers
    }

    /// The SHA-256 of a whole credential.
    static func hash(_ text: [UInt8]) -> HashedToken? { HashedToken(bytes: Array(SHA256.hash(data: text))) }

    private static let separator = UInt8(ascii: "_")

    /// 43 digits, each drawn evenly: 256 bits (43 × log2 62 = 256.03). They are never decoded.
    private static func secret() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<secretDigits).map { _ in Base62.digits[Int.random(in: 0..<62, using: &generator)] }
    }
}
