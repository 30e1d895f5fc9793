import Logging
import Redis
import Support
import Testing

@testable import Limits

/// The script on the server decides as ``GCRA`` in Swift does, to the microsecond.
@Suite(.timeLimit(.minutes(2))) struct LimitScriptTests {
    @Test func theScriptAndSwiftAgreeOnRandomQuestions() async throws {
        try await PrivateRedis.with { redis in
            try await redis.serving { store in
                var (taken, refused, shadowed, leased) = (0, 0, 0, 0)
                for round in 0..<60 {
                    let keys = (0..<3).map { LimitKey([.token, .user, .tenant][$0], .words(UInt64(round), UInt64($0))) }
                    let limits = keys.map { _ in Limit(requests: Int.random(in: 1...400), window: Int.random(in: 1...3)) }
                    var known: [LimitKey: UInt64] = [:]
                    for _ in 0..<50 {
                        let asks = try keys.indices.shuffled().prefix(Int.random(in: 1...3)).map { index in
                            let pace = Pace.microseconds(try #require(limits[index]))
                            return LimitAsk(
                                key: keys[index], pace: pace, isShadow: Int.random(in: 0..<5) == 0, wanted: [0, 0, 1, 5, 100].randomElement() ?? 0,
                                lifetime: pace.tolerance / 50, mayPay: .random())
                        }
                        let answer = try await store.take(asks)
                        let model = ModelStore.answer(asks, at: answer.now, &known)
                        #expect(answer.refused == model.refused)
                        // What lies behind has been forgotten, and says nothing.
                        #expect(answer.grants.map { max($0.arrival, answer.now) } == model.grants.map { max($0.arrival, answer.now) })
                        #expect(answer.grants.map(\.units) == model.grants.map(\.units))
                        #expect(answer.grants.map(\.isShadowed) == model.grants.map(\.isShadowed))
                        if answer.refused == nil { taken += 1 } else { refused += 1 }
                        shadowed += answer.grants.count(where: \.isShadowed)
                        leased += answer.grants.count { $0.units > 0 }
                    }
                }
                print("script and Swift agree: \(taken) taken, \(refused) refused, \(shadowed) shadowed, \(leased) with units for later")
                #expect(min(taken, refused, shadowed, leased) > 20)
            }
        }
    }

    @Test func aKeyIsForgottenWhenItSaysNothingAnyMore() async throws {
        try await PrivateRedis.with { redis in
            try await redis.serving { store in
                let pace = Pace.microseconds(try #require(Limit(requests: 10, window: 60)))
                let ask = LimitAsk(
                    key: LimitKey(.address, .words(1, 1)), pace: pace, isShadow: false, wanted: 0, lifetime: 1_000_000, mayPay: false)
                _ = try await store.take([ask])
                let left = try #require(Int(try await redis.command("PTTL", LimitScript.name(ask.key))))
                #expect((5_000...6_001).contains(left))
            }
        }
    }

    /// A clock that was set back, or somebody who writes into our keys, locks nobody out.
    @Test(arguments: ["99999999999999999", "rubbish", "-1", "1e300"]) func whatIsStrangeIsNoLongerThanAnInterval(value: String) async throws {
        try await PrivateRedis.with { redis in
            try await redis.serving { store in
                let pace = Pace.microseconds(try #require(Limit(requests: 1, window: 2)))
                let ask = LimitAsk(key: LimitKey(.token, .words(1, 1)), pace: pace, isShadow: false, wanted: 0, lifetime: 1, mayPay: false)
                try await redis.command("SET", LimitScript.name(ask.key), value)
                let answer = try await store.take([ask])
                #expect(answer.grants[0].arrival <= answer.now + pace.tolerance)
                // It is stored so: what comes next starts from there.
                let again = try await store.take([ask])
                #expect(again.grants[0].arrival <= answer.now + pace.tolerance)
            }
        }
    }
}

extension PrivateRedis {
    /// A store over this server, for as long as `body` takes.
    nonisolated func serving(_ body: (RedisLimitStore) async throws -> Void) async throws {
        let client = RedisClient(try RedisConfiguration(url: url), timeout: .seconds(10), logger: .silent)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            try await eventually("the client is connected") { client.isConnected }
            try await body(RedisLimitStore(client: client))
            group.cancelAll()
        }
    }
}
