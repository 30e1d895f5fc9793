import Crypto
import Domain
import Foundation
import Logging
import Synchronization
import Testing

@testable import Auth

/// Access tokens are ours or nothing.
@Suite struct AccessTokenTests {
    private let start = Date(timeIntervalSince1970: 1_795_000_000)

    private static let sealingKey = try! KeyEncryptionKey(String(repeating: "ab", count: 32))

    private func keys(_ store: MemoryKeys = MemoryKeys()) async throws -> SigningKeys {
        try await SigningKeys.load(from: store, sealedBy: Self.sealingKey, at: start)
    }

    private func ring(_ keys: SigningKeys) -> KeyRing {
        KeyRing(
            keys, store: MemoryKeys(), sealedBy: Self.sealingKey, logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() },
            now: { [start] in start })
    }

    private func issued(_ keys: SigningKeys) throws -> String {
        let tokens = AccessTokens(ring: ring(keys), issuer: "tessera", now: { [start] in start })
        return try tokens.issue(for: UserID(UUID()), session: SessionID(UUID()), tenant: TenantID(UUID()), authenticatedAt: start).reveal()
    }

    private func verifier(_ keys: SigningKeys, at offset: TimeInterval = 0, issuer: String = "tessera") -> AccessTokens {
        AccessTokens(ring: ring(keys), issuer: issuer, now: { [start] in start + offset })
    }

    @Test func issuedTokenIsAcceptedUntilItsEnd() async throws {
        let keys = try await keys()
        let token = try issued(keys)
        #expect(verifier(keys).verify(token) != nil)
        #expect(verifier(keys, at: 899.9).verify(token) != nil)
        #expect(verifier(keys, at: 900).verify(token) == nil)
        #expect(verifier(keys, at: -4).verify(token) != nil)
        #expect(verifier(keys, at: -6).verify(token) == nil)
        #expect(verifier(keys, issuer: "other").verify(token) == nil)
    }

    @Test func aRotationLogsNobodyOut() async throws {
        let store = MemoryKeys()
        func keys(at offset: TimeInterval) async throws -> SigningKeys {
            try await SigningKeys.load(from: store, sealedBy: Self.sealingKey, at: start + offset)
        }
        func isAccepted(_ token: String, at offset: TimeInterval) async throws -> Bool {
            AccessTokens(ring: ring(try await keys(at: offset)), issuer: "tessera", now: { [start] in start + offset }).verify(token) != nil
        }
        func token(at offset: TimeInterval) async throws -> String {
            let tokens = AccessTokens(ring: ring(try await keys(at: offset)), issuer: "tessera", now: { [start] in start + offset })
            return try tokens.issue(for: UserID(UUID()), session: SessionID(UUID()), tenant: TenantID(UUID()), authenticatedAt: start).reveal()
        }
        let first = try await keys(at: 0).current.id
        let second = try await SigningKeys.rotate(store, sealedBy: Self.sealingKey, at: start + 1000)
        // The new key is published at once and signs a minute later; a node that hasn't read it again still signs with the old one.
        #expect(Set(try await keys(at: 1000).published.map(\.id)) == [first, second])
        #expect(try await keys(at: 1059).current.id == first)
        #expect(try await keys(at: 1060).current.id == second)
        let last = try await token(at: 1059)
        for offset in stride(from: 1060.0, to: 1059 + 900, by: 60) { #expect(try await isAccepted(last, at: offset)) }
        #expect(try await isAccepted(try await token(at: 1060), at: 1900))
        #expect(try await keys(at: 1000 + SigningKeys.overlap).published.map(\.id) == [second])
    }

    @Test func keysOfOthersAreRefused() async throws {
        let (ours, theirs) = (try await keys(), try await keys())
        #expect(verifier(ours).verify(try issued(theirs)) == nil)
    }

    @Test func headersOfAnyOtherKindAreRefused() async throws {
        let keys = try await keys()
        let parts = try issued(keys).split(separator: ".").map(String.init)
        let kid = keys.current.id
        let headers = [
            #"{"alg":"none","typ":"at+jwt","kid":"\#(kid)"}"#, #"{"alg":"HS256","typ":"at+jwt","kid":"\#(kid)"}"#,
            #"{"alg":"EdDSA","typ":"JWT","kid":"\#(kid)"}"#, #"{"alg":"EdDSA","typ":"at+jwt"}"#, #"{"alg":"EdDSA","typ":"at+jwt","kid":"unknown"}"#,
            #"{"alg":"EdDSA","kid":"\#(kid)"}"#, #"{"alg":"eddsa","typ":"at+jwt","kid":"\#(kid)"}"#, "[]", "",
        ]
        for header in headers {
            let input = base64URL(Array(header.utf8)) + "." + parts[1]
            // Signed with the right key, so that only the header is at fault; and with the public key as an HMAC secret.
            let signature = try keys.current.key.signature(for: Array(input.utf8))
            let hmac = HMAC<SHA256>.authenticationCode(
                for: Array(input.utf8), using: SymmetricKey(data: keys.current.key.publicKey.rawRepresentation))
            for ending in [base64URL(signature), base64URL(hmac), ""] { #expect(verifier(keys).verify(input + "." + ending) == nil, "\(header)") }
        }
    }

    @Test func claimsOfAnyOtherKindAreRefused() async throws {
        let keys = try await keys()
        let good: [String: Any] = [
            "iss": "tessera", "aud": "tessera-api", "sub": UUID().uuidString, "client_id": "web", "iat": 1_795_000_000, "nbf": 1_795_000_000,
            "exp": 1_795_000_900, "jti": "x", "sid": UUID().uuidString, "tenant": UUID().uuidString, "auth_time": 1_795_000_000,
        ]
        #expect(verifier(keys).verify(try sign(good, keys)) != nil)
        let changes: [(String, Any?)] = [
            ("iss", "x"), ("aud", "x"), ("aud", ["tessera-api"]), ("exp", 1_794_999_999), ("exp", 1_795_900_000), ("exp", "1795000900"), ("exp", nil),
            ("nbf", 1_795_000_100), ("iat", 1_795_000_100), ("sub", "x"), ("sid", nil), ("tenant", 7), ("sub", nil),
        ]
        for (name, value) in changes {
            var claims = good
            claims[name] = value
            #expect(verifier(keys).verify(try sign(claims, keys)) == nil, "\(name)")
        }
    }

    @Test func mangledTokensAreRefused() async throws {
        let keys = try await keys()
        let token = try issued(keys)
        for mangled in [
            "", ".", "..", token + ".", "." + token, token + "=", token.replacing(".", with: ".."), String(token.dropLast()), token + "A",
            " " + token,
            String(repeating: "a", count: 5000) + token,
        ] { #expect(verifier(keys).verify(mangled) == nil) }
    }

    @Test func secondNodeAtTheFirstStartTakesTheFirstOnesKey() async throws {
        let store = MemoryKeys()
        let (one, two) = (try await keys(store), try await keys(store))
        #expect(one.current.id == two.current.id)
        #expect(verifier(two).verify(try issued(one)) != nil)
    }

    @Test func sealedKeysNeedTheirKey() async throws {
        let store = MemoryKeys()
        _ = try await keys(store)
        let stored = try #require(try await store.keys(at: start).first)
        #expect(!stored.sealedPrivateKey.isEmpty)
        await #expect(throws: KeysUnreadable.self) {
            try await SigningKeys.load(from: store, sealedBy: KeyEncryptionKey(String(repeating: "cd", count: 32)), at: start)
        }
        for text in ["", "ab", String(repeating: "g", count: 64), String(repeating: "ab", count: 31)] {
            #expect(throws: KeyEncryptionKey.InvalidKey.self) { try KeyEncryptionKey(text) }
        }
        #expect(
            try KeyEncryptionKey(Data(repeating: 0xAB, count: 32).base64EncodedString()).derived(for: "x")
                == KeyEncryptionKey(String(repeating: "ab", count: 32)).derived(for: "x"))
    }

    private func sign(_ claims: [String: Any], _ keys: SigningKeys) throws -> String {
        let header = #"{"alg":"EdDSA","kid":"\#(keys.current.id)","typ":"at+jwt"}"#
        let input = base64URL(Array(header.utf8)) + "." + base64URL(try JSONSerialization.data(withJSONObject: claims))
        return input + "." + base64URL(try keys.current.key.signature(for: Array(input.utf8)))
    }

    private func base64URL(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

/// Keys in memory, for tests of what is done with them.
private final class MemoryKeys: SigningKeyStore, Sendable {
    private let stored = Mutex<[(key: StoredSigningKey, end: Date?)]>([])

    func keys(at now: Date) async throws -> [StoredSigningKey] {
        stored.withLock { stored in stored.filter { $0.end ?? .distantFuture > now }.map(\.key).sorted { $0.createdAt > $1.createdAt } }
    }

    func insertFirst(_ key: StoredSigningKey, at now: Date) async throws -> [StoredSigningKey] {
        stored.withLock { if $0.isEmpty { $0 = [(key, nil)] } }
        return try await keys(at: now)
    }

    func rotate(to key: StoredSigningKey, retiringOthersAt end: Date, _ audit: AuditEntry) async throws {
        stored.withLock { stored in stored = stored.map { ($0.key, min($0.end ?? end, end)) } + [(key, nil)] }
    }
}
