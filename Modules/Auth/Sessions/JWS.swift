import Crypto
import Domain
import FoundationEssentials

/// Compact JWS (RFC 7515 §7.1) with one algorithm, EdDSA over Ed25519 (RFC 8037 §3.1), and one type, `at+jwt` (RFC 9068 §2.1).
///
/// There is nothing to choose, so nothing can be chosen wrongly: the header must be exactly of that shape, and its `kid` one of ours.
enum JWS {
    /// Characters of the longest token that is looked at.
    static let longest = 4096

    /// The header of every token that the key `kid` signs, as it stands in the token. `kid` is a UUID: nothing in it is escaped.
    static func header(_ kid: String) -> String { Base64URL.encode(#"{"alg":"EdDSA","kid":"\#(kid)","typ":"at+jwt"}"#.utf8) }

    static func sign(_ claims: some Encodable, with keys: SigningKeys) throws -> String {
        let input = header(keys.current.id) + "." + Base64URL.encode(try encoder.encode(claims))
        return input + "." + Base64URL.encode(try keys.current.key.signature(for: Array(input.utf8)))
    }

    /// The claims of `text` if a key of ours signed them; nil for anything else. Their meaning is the caller's to check.
    static func verify<Claims: Decodable>(_ text: String, as _: Claims.Type, with keys: SigningKeys) -> Claims? {
        guard text.utf8.count <= longest else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let key = keys.verifyingByHeader[String(Substring(parts[0]))],
            let payload = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2]), signature.count == 64
        else { return nil }
        let input = Array(text.utf8.prefix(parts[0].count + 1 + parts[1].count))
        guard key.isValidSignature(signature, for: input) else { return nil }
        return try? decoder.decode(Claims.self, from: payload)
    }

    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()
    private static let decoder = JSONDecoder()
}
