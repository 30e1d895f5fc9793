import Crypto
import Domain
import Foundation
import Logging
import Testing

@testable import Auth

/// Access tokens signed with the right key, in a spelling that we never write.
@Suite struct HostileTokenTests {
    private let start = Date(timeIntervalSince1970: 1_795_000_000)

    /// Whether `make`'s token is accepted; it gets header and payload of a good one.
    private func isAccepted(_ make: (_ header: String, _ payload: String, _ keys: SigningKeys) throws -> String) async throws -> Bool {
        let sealingKey = try KeyEncryptionKey(String(repeating: "ab", count: 32))
        let keys = try await SigningKeys.load(from: OneKey(), sealedBy: sealingKey, at: start)
        let ring = KeyRing(
            keys, store: OneKey(), sealedBy: sealingKey, logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }, now: { [start] in start })
        let tokens = AccessTokens(ring: ring, issuer: "tessera", now: { [start] in start })
        let good = try tokens.issue(for: UserID(UUID()), session: SessionID(UUID()), tenant: TenantID(UUID()), authenticatedAt: start).reveal()
        let parts = good.split(separator: ".").map(String.init)
        #expect(tokens.verify(good) != nil)
        return tokens.verify(try make(parts[0], parts[1], keys)) != nil
    }

    private func signed(_ header: String, _ payload: String, _ keys: SigningKeys) throws -> String {
        let input = header + "." + payload
        return input + "." + Base64URL.encode(try keys.current.key.signature(for: Array(input.utf8)))
    }

    /// RFC 7515 §4.1.11: what `crit` names must be understood. We understand nothing but our own header.
    @Test(arguments: [
        #","crit":["exp"]"#, #","crit":[]"#, #","crit":["b64"],"b64":false"#, #","b64":false"#, #","jwk":{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#,
        #","jku":"https://example.com/jwks.json""#, #","x5u":"https://example.com/key.pem""#, #","zip":"DEF""#, #","cty":"JWT""#,
        #","alg":"none""#, #","typ":"JWT""#, #","kid":"other""#, #","alg":"EdDSA""#,
    ])
    func headersThatSayMoreAreRefused(_ more: String) async throws {
        #expect(
            try await !isAccepted { _, payload, keys in
                let header = #"{"alg":"EdDSA","kid":"\#(keys.current.id)","typ":"at+jwt"\#(more)}"#
                return try signed(Base64URL.encode(header.utf8), payload, keys)
            })
    }

    @Test func headersInAnotherSpellingAreRefused() async throws {
        func header(_ text: @escaping (String) -> String) async throws -> Bool {
            try await isAccepted { _, payload, keys in try signed(Base64URL.encode(text(keys.current.id).utf8), payload, keys) }
        }
        #expect(try await header { #"{"alg":"EdDSA","kid":"\#($0)","typ":"at+jwt"}"# })
        #expect(try await !header { #"{"alg": "EdDSA","kid":"\#($0)","typ":"at+jwt"}"# })
        #expect(try await !header { #" {"alg":"EdDSA","kid":"\#($0)","typ":"at+jwt"}"# })
        #expect(try await !header { #"{"\u0061lg":"EdDSA","kid":"\#($0)","typ":"at+jwt"}"# })
        #expect(try await !header { "\u{FEFF}" + #"{"alg":"EdDSA","kid":"\#($0)","typ":"at+jwt"}"# })
        #expect(try await !header { #"[{"alg":"EdDSA","kid":"\#($0)","typ":"at+jwt"}]"# })
    }

    /// The signature is over the very text, so that only our reading of base64 can refuse these.
    @Test(arguments: 0..<3, ["=", "==", "\n", " ", "\u{0}", "é"])
    func partsWithSomethingMoreAreRefused(_ index: Int, _ ending: String) async throws {
        #expect(
            try await !isAccepted { header, payload, keys in
                if index == 2 { return try signed(header, payload, keys) + ending }
                return try index == 0 ? signed(header + ending, payload, keys) : signed(header, payload + ending, keys)
            })
    }

    @Test func bitsThatAreLeftOverMustBeZero() async throws {
        // 64 bytes are 85 characters and two bits: four bits of the last character stand for nothing.
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        for offset in 1..<16 {
            let accepted = try await isAccepted { header, payload, keys in
                let token = try signed(header, payload, keys)
                let last = try #require(token.last.flatMap(alphabet.firstIndex(of:)))
                return token.dropLast() + String(alphabet[last + offset])
            }
            #expect(!accepted, "\(offset)")
        }
    }

    @Test(arguments: [
        ("exp", "9223372036854775807"), ("exp", "9223372036854775808"), ("exp", "1e400"), ("exp", "-1"), ("exp", "1795000900.5"), ("exp", "true"),
        ("exp", "[1795000900]"), ("exp", "NaN"), ("exp", "null"), ("iat", "1794000000"), ("nbf", "1e30"), ("nbf", "1795000006"),
    ])
    func timesOfAnotherKindAreRefused(_ name: String, _ value: String) async throws {
        let accepted = try await isAccepted { header, payload, keys in
            let claims = try #require(Base64URL.decode(payload.utf8).map { String(decoding: $0, as: UTF8.self) })
            let altered = claims.replacing(try Regex("\"\(name)\":[0-9]+"), with: "\"\(name)\":\(value)")
            #expect(altered != claims)
            return try signed(header, Base64URL.encode(altered.utf8), keys)
        }
        #expect(!accepted)
    }
}

/// Holds the first key, in memory.
private actor OneKey: SigningKeyStore {
    private var stored: [StoredSigningKey] = []

    func keys(at now: Date) async throws -> [StoredSigningKey] { stored }

    func insertFirst(_ key: StoredSigningKey, at now: Date) async throws -> [StoredSigningKey] {
        if stored.isEmpty { stored = [key] }
        return stored
    }

    func rotate(to key: StoredSigningKey, retiringOthersAt end: Date, _ audit: AuditEntry) async throws { throw KeysUnreadable() }
}
