import Crypto
import Domain
import Foundation
import Logging
import Synchronization
import Testing

@testable import Auth

/// Foreign tokens are told by their form, in memory: the database hears of nothing else.
@Suite struct ForeignTokenTests {
    private static let hex = "0123456789abcdef"

    private static func token(_ prefix: String, _ character: Character = "a", length: Int = 40) -> String {
        prefix + String(repeating: character, count: length - prefix.count)
    }

    @Test func whatHasAnotherFormEndsWithoutAStatement() async throws {
        let scene = try await Scene(["acme_live_", "bobco_", "bobcp_"])
        let good = Self.token("acme_live_")
        for junk in [
            "", "a", "acme_live_", "acme_live", String(good.dropLast()), good + "a", Self.token("acme_live_", "g"), Self.token("acme_live_", "A"),
            Self.token("acme_lives"), Self.token("acme_"), Self.token("Acme_live_"), Self.token("bobcq_"), Self.token("aaaaa_"), Self.token("zzzzz_"),
            "é" + good.dropFirst(), good.replacing("l", with: "\u{0}"), " " + good, Self.token("eyJ"), Self.token("tsr_", length: 98),
        ] {
            guard case .failure(let refusal) = await scene.authenticate(junk) else {
                Issue.record("\(junk) was accepted")
                continue
            }
            #expect(refusal.code == .invalidToken, "\(junk)")
        }
        #expect(scene.credentials.asked.isEmpty)
        for (prefix, index) in [("acme_live_", 0), ("bobco_", 1), ("bobcp_", 2)] {
            let token = Self.token(prefix)
            _ = await scene.authenticate(token)
            let asked = try #require(scene.credentials.asked.last)
            #expect(asked.prefix == prefix)
            #expect(asked.tenant == scene.tenants[index])
            #expect(asked.hash == Array(SHA256.hash(data: Data(token.utf8))))
        }
        #expect(scene.credentials.asked.count == 3)
    }

    @Test func whileTheTableCannotBeReadNobodyIsTurnedAwayForGood() async throws {
        let scene = try await Scene(["acme_live_"])
        scene.grants.set(nil)
        scene.passes(.seconds(29))
        await scene.foreign.refresh()
        #expect(await scene.code("another_\(Self.token(""))") == .invalidToken)
        scene.passes(.seconds(2))
        await scene.foreign.refresh()
        #expect(await scene.code("another_\(Self.token(""))") == .serviceUnavailable)
        // What is known goes on being looked up; what can be nobody's is still nothing.
        _ = await scene.authenticate(Self.token("acme_live_"))
        #expect(scene.credentials.asked.count == 1)
        for own in ["eyJhbGciOiJub25lIn0.e30.aaaaaaaaaa", Self.token("tsr_", length: 98), "short", "\(Self.token("another_"))é"] {
            #expect(await scene.code(own) == .invalidToken, "\(own)")
        }
        // Our own tokens and sessions are found as ever.
        let own = APITokenMint().mint(TokenID(UUID()), for: .user(UserID(UUID())), in: scene.tenants[0]).plain.reveal()
        _ = await scene.authenticate(own)
        #expect(scene.credentials.nativeLookups == 1)
        // Read again, it is sure again.
        scene.grants.set(["another_"], for: scene.tenants)
        await scene.foreign.refresh()
        #expect(await scene.code("nobodys_\(Self.token(""))") == .invalidToken)
        _ = await scene.authenticate(Self.token("another_"))
        #expect(scene.credentials.asked.last?.prefix == "another_")
    }

    @Test func aDatabaseThatDoesNotAnswerIsNoYesAndNoNo() async throws {
        let scene = try await Scene(["acme_live_"])
        scene.credentials.fail()
        #expect(await scene.code(Self.token("acme_live_")) == .serviceUnavailable)
    }
}

/// An authenticator over stores that remember what they were asked.
private struct Scene {
    let tenants: [TenantID]
    let credentials = RememberingCredentials()
    let grants = ChangingGrants()
    let foreign: ForeignTokens
    private let authenticator: Authenticator
    private let clock: Clock

    init(_ prefixes: [String]) async throws {
        let tenants = prefixes.map { _ in TenantID(UUID()) }
        self.tenants = tenants
        let clock = Clock()
        self.clock = clock
        grants.set(prefixes, for: tenants)
        let silent = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        foreign = ForeignTokens(try await grants.grants(), grants: grants, logger: silent, now: { clock.now }) { _ in }
        let sealingKey = try KeyEncryptionKey(String(repeating: "ab", count: 32))
        let keys = try await SigningKeys.load(from: NoKeys(), sealedBy: sealingKey, at: Date())
        let ring = KeyRing(keys, store: NoKeys(), sealedBy: sealingKey, logger: silent, now: { Date() })
        authenticator = Authenticator(
            credentials: credentials, lookups: TokenLookups(), accessTokens: AccessTokens(ring: ring, issuer: "tessera", now: { Date() }),
            foreign: foreign, features: FlagSnapshot.builtIn, log: NoLog(), now: { Date() })
    }

    func authenticate(_ bearer: String) async -> Result<Caller, Refusal> { await authenticator.authenticate(bearer, from: nil).outcome }

    func code(_ bearer: String) async -> ErrorCode? {
        if case .failure(let refusal) = await authenticate(bearer) { refusal.code } else { nil }
    }

    func passes(_ time: Duration) { clock.passes(time) }
}

private final class Clock: Sendable {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { time.withLock { $0 } }

    func passes(_ duration: Duration) { time.withLock { $0 += duration } }
}

private final class ChangingGrants: PrefixGrants, Sendable {
    private let known = Mutex<[PrefixGrant]?>(nil)

    func set(_ prefixes: [String]?, for tenants: [TenantID] = []) {
        let grants = prefixes.map { prefixes in
            zip(prefixes, tenants).map { PrefixGrant(tenant: $1, prefix: ForeignPrefix(text: $0, length: 40, alphabet: "0123456789abcdef")) }
        }
        known.withLock { $0 = grants }
    }

    func grants() async throws -> [PrefixGrant] {
        guard let grants = known.withLock({ $0 }) else { throw Refusal.unavailable("no database") }
        return grants
    }
}

private final class RememberingCredentials: CredentialStore, Sendable {
    struct Question {
        let hash: [UInt8]
        let prefix: String
        let tenant: TenantID
    }

    private let state = Mutex((asked: [Question](), native: 0, fails: false))

    var asked: [Question] { state.withLock { $0.asked } }
    var nativeLookups: Int { state.withLock { $0.native } }
    func fail() { state.withLock { $0.fails = true } }

    func token(_ id: TokenID, of kind: TokenKind, in tenant: TenantID) async throws -> StoredToken? {
        state.withLock { $0.native += 1 }
        return nil
    }

    func importedToken(_ hash: HashedToken, under prefix: String, in tenant: TenantID) async throws -> StoredToken? {
        try state.withLock { state in
            if state.fails { throw Refusal.unavailable("no database") }
            state.asked.append(Question(hash: hash.bytes, prefix: prefix, tenant: tenant))
        }
        return nil
    }

    func earlierSecret(_ hash: HashedToken, of token: TokenID, in tenant: TenantID) async throws -> Date? { nil }

    func session(_ id: SessionID, of user: UserID, in tenant: TenantID?) async throws -> StoredSession? { nil }

    func introspector(_ id: IntrospectorID) async throws -> HashedToken? { nil }
}

private struct NoLog: SecurityLog {
    func record(_ event: SecurityEvent) {}
}

/// Keys for nobody: the first one is made, and kept nowhere.
private struct NoKeys: SigningKeyStore {
    func keys(at now: Date) async throws -> [StoredSigningKey] { [] }
    func insertFirst(_ key: StoredSigningKey, at now: Date) async throws -> [StoredSigningKey] { [key] }
    func rotate(to key: StoredSigningKey, retiringOthersAt end: Date, _ audit: AuditEntry) async throws {}
}
