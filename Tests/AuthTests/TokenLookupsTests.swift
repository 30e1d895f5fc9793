import Domain
import Foundation
import Synchronization
import Testing

@testable import Auth

/// What strangers' tries of token ids cost, and that they cost nobody else anything.
@Suite struct TokenLookupsTests {
    private let clock = Clock()

    @Test func anIDThatDoesNotExistIsAskedForOnceInAWhile() async throws {
        let lookups = lookups()
        let token = try token()
        var asked = 0
        for step in 0..<100 {
            let answer = try await lookups.find(token) {
                asked += 1
                return nil
            }
            if step == 0 { #expect(answer.miss == .absent) }
            if step == 20 { #expect(asked == 1 && answer.miss == .remembered) }
            clock.advance(by: .milliseconds(200))
        }
        // In twenty seconds: it is remembered for 5 to 10.
        #expect((2...4).contains(asked), "\(asked)")
    }

    @Test func noOtherSpellingOfARealIDHidesIt() async throws {
        let lookups = lookups()
        let (id, tenant) = (TokenID(UUID()), TenantID(UUID()))
        for (kind, place) in [(TokenKind.serviceAccount, tenant), (.user, TenantID(UUID()))] {
            #expect(try await lookups.find(token(id, kind, in: place)) { nil }.miss == .absent)
        }
        #expect(try await lookups.find(token(id, .user, in: tenant)) { presented(.current) }.miss == nil)
    }

    @Test func strangersFillTheirSeatsAndWhoWasProvenPasses() async throws {
        let lookups = lookups(bound: 3)
        let known = try token()
        #expect(try await lookups.find(known) { presented(.current) }.miss == nil)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let doors = (0..<3).map { _ in Door() }
            for door in doors {
                let stranger = try token()
                group.addTask { _ = try await lookups.find(stranger) { await door.pass() } }
                await door.reached()
            }
            #expect(try await lookups.find(token()) { presented(.current) }.miss == .turnedAway)
            #expect(try await lookups.find(known) { presented(.current) }.miss == nil)
            for door in doors { await door.open() }
            try await group.waitForAll()
        }
        #expect(try await lookups.find(token()) { presented(.current) }.miss == nil)
    }

    @Test func aLookupThatFailsGivesItsSeatBackAndTeachesNothing() async throws {
        let lookups = lookups(bound: 1)
        let token = try token()
        for _ in 0..<3 {
            await #expect(throws: Refusal.self) { try await lookups.find(token) { throw Refusal.unavailable("away") } }
        }
        #expect(lookups.count == 0)
        #expect(try await lookups.find(token) { presented(.current) }.miss == nil)
    }

    /// Else who knows an id could have any number of lookups of it under way.
    @Test func aWrongSecretMakesNoIDKnown() async throws {
        let lookups = lookups(bound: 1)
        let token = try token()
        #expect(try await lookups.find(token) { presented(nil) }.miss == nil)
        #expect(lookups.count == 0)
    }

    @Test func whatWasDeletedIsNoLongerKnown() async throws {
        let lookups = lookups()
        let token = try token()
        #expect(try await lookups.find(token) { presented(.current) }.miss == nil)
        #expect(try await lookups.find(token) { nil }.miss == .absent)
        #expect(lookups.count == 1)
    }

    @Test func howeverManyIDsAreTriedTheMemoryIsBounded() async throws {
        let lookups = lookups(missing: 64, proven: 32)
        for _ in 0..<2_000 {
            #expect(try await lookups.find(token()) { nil }.miss == .absent)
            #expect(try await lookups.find(token()) { presented(.current) }.miss == nil)
            #expect(lookups.count <= 64 + 32)
        }
        #expect(lookups.count >= (64 + 32) / 2)
    }

    @Test func nothingIsRememberedBeyondItsTime() {
        let start = ContinuousClock.now
        // Looked at only in the end, so that no look before could have let it age.
        for (asked, isThere) in [(0, true), (4.9, true), (5.1, true), (10.1, false), (14.9, false), (60, false)] {
            var set = RecentSet<Int>(capacity: 8, lifetime: .seconds(10), at: start)
            set.insert(1, at: start)
            let isFound = set.contains(1, at: start + .seconds(asked))
            #expect(isFound == isThere, "\(asked)")
        }
        var set = RecentSet<Int>(capacity: 8, lifetime: .seconds(10), at: start)
        set.insert(1, at: start)
        let isFound = [9, 10].map { set.contains(1, at: start + .seconds($0)) }
        #expect(isFound == [true, false])
        // What is used goes on.
        for second in stride(from: 20, through: 40, by: 4) { set.insert(2, at: start + .seconds(second)) }
        let isStillFound = set.contains(2, at: start + .seconds(44))
        #expect(isStillFound)
    }

    private func lookups(bound: Int = 8, missing: Int = 64, proven: Int = 64) -> TokenLookups {
        TokenLookups(bound: bound, missing: missing, lifetime: .seconds(10), proven: proven, now: { [clock] in clock.now })
    }

    private func token(_ id: TokenID = TokenID(UUID()), _ kind: TokenKind = .user, in tenant: TenantID = TenantID(UUID())) throws
        -> APITokenFormat.Parsed
    {
        let owner: SubjectID = kind == .user ? .user(UserID(UUID())) : .serviceAccount(ServiceAccountID(UUID()))
        return try #require(APITokenFormat.parse(APITokenMint().mint(id, for: owner, in: tenant).plain.reveal()))
    }

    private func presented(_ secret: TokenSecret?) -> PresentedToken? {
        HashedToken(bytes: Array(repeating: 7, count: 32)).map { hash in
            PresentedToken(
                stored: StoredToken(
                    id: TokenID(UUID()), hash: hash, breadth: TokenBreadth(scopes: [], expiresAt: nil),
                    facts: TokenFacts(createdAt: .distantPast, expiresAt: nil, lastUsedAt: nil), policy: nil, isActive: true, isRevoked: false,
                    tenant: .init(id: TenantID(UUID()), slug: "a", name: "a"), tenantStatus: .active,
                    owner: .serviceAccount(.init(id: ServiceAccountID(UUID()), name: "a")), isOwnerActive: true, role: .member),
                secret: secret)
        }
    }
}

extension TokenLookups.Answer {
    /// nil: found.
    fileprivate var miss: TokenMiss? { if case .missed(let miss) = self { miss } else { nil } }
}

/// A clock that a test moves.
private final class Clock: Sendable {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { time.withLock { $0 } }

    func advance(by duration: Duration) { time.withLock { $0 += duration } }
}

/// Where a lookup waits until the test lets it go on.
private actor Door {
    private var isReached = false
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func pass() async -> PresentedToken? {
        isReached = true
        wake()
        while !isOpen { await withCheckedContinuation { waiting.append($0) } }
        return nil
    }

    func reached() async {
        while !isReached { await withCheckedContinuation { waiting.append($0) } }
    }

    func open() {
        isOpen = true
        wake()
    }

    private func wake() {
        let woken = waiting
        waiting = []
        for continuation in woken { continuation.resume() }
    }
}
