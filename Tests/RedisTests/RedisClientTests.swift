import Logging
import ServiceLifecycle
import Support
import Testing

@testable import Redis

/// The client answers whoever asks, or says at once that it can't, and finds its way back by itself.
@Suite(.timeLimit(.minutes(1))) struct RedisClientTests {
    private static let echo = RedisScript("return {tonumber(KEYS[1]), tonumber(ARGV[1])}")

    @Test func manyAskAtOnceAndEachGetsTheirOwnAnswer() async throws {
        try await PrivateRedis.with { redis in
            try await RedisClient.running(redis.url) { client in
                let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<2000 {
                        group.addTask {
                            try await client.evaluate(Self.echo, keys: ["\(number)"], arguments: ["7"]).integers == [Int64(number), 7]
                        }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(answers == 2000)
            }
        }
    }

    @Test func aScriptThatTheServerForgotIsSentAgain() async throws {
        try await PrivateRedis.with { redis in
            try await RedisClient.running(redis.url) { client in
                for _ in 0..<2 {
                    #expect(try await client.evaluate(Self.echo, keys: ["1"], arguments: ["2"]).integers == [1, 2])
                    try await redis.command("SCRIPT", "FLUSH", "SYNC")
                }
            }
        }
    }

    @Test func whatTheServerRefusesIsToldInItsWords() async throws {
        try await PrivateRedis.with { redis in
            try await RedisClient.running(redis.url) { client in
                await #expect {
                    try await client.evaluate(RedisScript("return redis.error_reply('MY own words')"), keys: [], arguments: [])
                } throws: {
                    $0 as? RedisError == .refused("MY own words")
                }
            }
        }
    }

    @Test func aServerThatHangsIsGivenUpInTimeAndTakenUpAgain() async throws {
        try await PrivateRedis.with { redis in
            try await RedisClient.running(redis.url, timeout: .milliseconds(50)) { client in
                #expect(try await client.evaluate(Self.echo, keys: ["1"], arguments: ["2"]).integers == [1, 2])
                try await redis.freeze()
                let begun = ContinuousClock.now
                await #expect(throws: RedisError.timedOut) { try await client.evaluate(Self.echo, keys: ["1"], arguments: ["2"]) }
                let waited = ContinuousClock.now - begun
                #expect(waited >= .milliseconds(45) && waited < .seconds(8), "\(waited)")
                try await eventually("the connection is given up") { !client.isConnected }
                // From now on nobody waits.
                await #expect(throws: RedisError.unavailable) { try await client.evaluate(Self.echo, keys: ["1"], arguments: ["2"]) }
                try await redis.thaw()
                try await eventually("it answers again") { client.isConnected }
                #expect(try await client.evaluate(Self.echo, keys: ["3"], arguments: ["4"]).integers == [3, 4])
            }
        }
    }

    @Test func aServerThatIsGoneIsSaidToBeAtOnceAndFoundAgain() async throws {
        try await PrivateRedis.with { redis in
            try await RedisClient.running(redis.url) { client in
                try await redis.stop()
                try await eventually("it is noticed") { !client.isConnected }
                await #expect(throws: RedisError.unavailable) { try await client.evaluate(Self.echo, keys: ["1"], arguments: ["2"]) }
                try await redis.start()
                try await eventually("it is back") { client.isConnected }
                #expect(try await client.evaluate(Self.echo, keys: ["3"], arguments: ["4"]).integers == [3, 4])
            }
        }
    }

    @Test func aConnectionIsEncryptedAndLoggedIn() async throws {
        let certificate = try await Certificate("DNS:localhost")
        try await PrivateRedis.with(settings: ["requirepass s3cret"], certificate: certificate.certificate, key: certificate.key) { redis in
            try await RedisClient.running(redis.secureURL(password: "s3cret")) { client in
                let answer = try await client.evaluate(Self.echo, keys: ["1"], arguments: ["2"])
                #expect(answer.integers == [1, 2])
            }
            for faulty in [redis.secureURL(password: "other"), redis.secureURL(), redis.secureURL(password: "s3cret", ca: false)] {
                let client = RedisClient(try RedisConfiguration(url: faulty), timeout: .seconds(5), logger: .silent)
                await #expect(throws: (any Error).self, "\(faulty)") { _ = try await client.connect() }
            }
            let stranger = RedisClient(
                try RedisConfiguration(url: redis.secureURL(password: "s3cret", host: "127.0.0.1")), timeout: .seconds(5), logger: .silent)
            await #expect(throws: (any Error).self, "a certificate of another name") { _ = try await stranger.connect() }
        }
    }
}

extension RedisClient {
    /// A client that is connected, for as long as `body` takes.
    static func running(_ url: String, timeout: Duration = .seconds(10), _ body: (RedisClient) async throws -> Void) async throws {
        let client = RedisClient(try RedisConfiguration(url: url), timeout: timeout, logger: .silent)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            try await eventually("the client is connected") { client.isConnected }
            try await body(client)
            group.cancelAll()
        }
    }
}
