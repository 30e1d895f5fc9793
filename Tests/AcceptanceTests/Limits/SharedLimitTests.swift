import Foundation
import Postgres
import Support
import Testing

/// Two processes count on one Redis as one would, and go on without it.
@Suite(.timeLimit(.minutes(3))) struct SharedLimitTests {
    /// Room for slow machines: what a test says of exactness mustn't hang on a moment's slowness.
    private static let patient = ["TESSERA_REDIS_TIMEOUT": "5000"]

    @Test func twoNodesAdmitNoMoreThanTheBurstAndTheRate() async throws {
        try await PrivateRedis.with { redis in
            let limits = [
                "TESSERA_REDIS_URL": redis.url, "TESSERA_LIMITS_TOKEN": "200/10", "TESSERA_LIMITS_USER": "30000/10",
                "TESSERA_LIMITS_TENANT": "50000/10", "TESSERA_LIMITS_ADDRESS": "1000000/10",
            ].merging(Self.patient) { one, _ in one }
            try await RunningAPI.withTwo(limits) { one, two in
                let ada = try await one.register()
                let token = try await one.token(ada)
                let begun = Date()
                async let first = BearerLoad.run(one, credentials: [token.secret], connections: 8, seconds: 5)
                async let second = BearerLoad.run(two, credentials: [token.secret], connections: 8, seconds: 5)
                let loads = try await [first, second]
                let admitted = loads.map { $0.counts[200] ?? 0 }
                let ends = loads.compactMap { $0.times(of: 200)?.last }
                #expect(ends.count == 2, "both let somebody in")
                let seconds = (ends.max() ?? begun).timeIntervalSince(begun)
                let most = 200 + 20 * seconds
                let sent = loads.reduce(0) { $0 + $1.sent }
                print("two nodes: \(admitted) of \(sent) requests admitted in \(seconds) s; burst + rate × t = \(most)")
                for node in [one, two] { print("decisions of a node: \(try await node.decisions())") }
                #expect(Double(admitted.reduce(0, +)) <= most)
                #expect(Double(admitted.reduce(0, +)) >= 0.9 * (most - 20), "nothing much is lost")
                #expect(loads.allSatisfy { Set($0.counts.keys).isSubset(of: [200, 429]) })
                for node in [one, two] { #expect(try await node.metric("tessera_limit_fallback_total") == 0) }
            }
        }
    }

    @Test func mostRequestsBelowTheLimitAskNobody() async throws {
        try await PrivateRedis.with { redis in
            let limits = [
                "TESSERA_REDIS_URL": redis.url, "TESSERA_LIMITS_TOKEN": "1000000/60", "TESSERA_LIMITS_USER": "1000000/60",
                "TESSERA_LIMITS_TENANT": "1000000/60", "TESSERA_LIMITS_ADDRESS": "1000000/60",
            ].merging(Self.patient) { one, _ in one }
            try await RunningAPI.with(limits) { api in
                let token = try await api.token(try await api.register())
                // Units are only taken ahead for use that was there before.
                _ = try await BearerLoad.run(api, credentials: [token.secret], seconds: 2)
                let before = try await api.decisions()
                let load = try await BearerLoad.run(api, credentials: [token.secret], seconds: 4)
                #expect(load.counts == [200: load.sent])
                let after = try await api.decisions()
                let (store, lease) = ((after["store"] ?? 0) - (before["store"] ?? 0), (after["lease"] ?? 0) - (before["lease"] ?? 0))
                print("\(load.sent) requests in \(load.seconds) s: \(store) questions, \(lease) decisions without")
                #expect(store * 4 < lease)
            }
        }
    }

    @Test func requestsGoOnWhileRedisIsAwayAndAreCountedTogetherAgainAfterwards() async throws {
        try await PrivateRedis.with { redis in
            let limits = [
                "TESSERA_REDIS_URL": redis.url, "TESSERA_LIMITS_TOKEN": "6/3600", "TESSERA_LIMITS_TENANT": "1000000/60", "TESSERA_LIMITS_NODES": "2",
            ].merging(Self.patient) { one, _ in one }
            try await RunningAPI.withTwo(limits) { one, two in
                let ada = try await one.register()
                // By the session no token's limit counts.
                async let load = BearerLoad.run(one, credentials: [ada.accessToken], connections: 4, seconds: 4)
                try await eventually("the load runs") { try await one.decisions()["lease"] ?? 0 > 100 }
                try await redis.stop()
                try await eventually("a node counts alone", within: .seconds(20)) { try await one.metric("tessera_limit_fallback_total") > 100 }
                // Six for two nodes: three for each alone.
                let alone = try await one.token(ada)
                for node in [one, two] {
                    let statuses = try await node.statuses(6, as: alone.secret)
                    #expect(statuses == [200, 200, 200, 429, 429, 429])
                }
                try await redis.start()
                let done = try await load
                print("\(done.sent) requests while Redis went and came: \(done.counts)")
                #expect(done.counts == [200: done.sent])
                for node in [one, two] {
                    try await eventually("both nodes are back") { node.process.standardOutput.contains("redis is back") }
                    #expect(node.process.standardOutput.components(separatedBy: "redis is away").count == 2, "said once")
                }
                let shared = try await one.token(ada)
                #expect(try await one.statuses(4, as: shared.secret) == [200, 200, 200, 200])
                #expect(try await two.statuses(4, as: shared.secret) == [200, 200, 429, 429])
                let fallbacks = try await one.metric("tessera_limit_fallback_total")
                #expect(try await one.statuses(5, as: ada.accessToken) == [200, 200, 200, 200, 200])
                #expect(try await one.metric("tessera_limit_fallback_total") == fallbacks)
            }
        }
    }

    @Test func aRedisThatHangsCostsAMomentOnce() async throws {
        try await PrivateRedis.with { redis in
            try await RunningAPI.with(["TESSERA_REDIS_URL": redis.url, "TESSERA_LIMITS_TENANT": "1000000/60"]) { api in
                let ada = try await api.register()
                #expect(try await api.get("/api/v1/me", as: ada.accessToken).status == 200)
                try await redis.freeze()
                let begun = ContinuousClock.now
                #expect(try await api.statuses(50, as: ada.accessToken) == Array(repeating: 200, count: 50))
                let waited = ContinuousClock.now - begun
                print("50 requests in a row while Redis hangs: \(waited)")
                #expect(waited < .seconds(5))
                #expect(try await api.metric("tessera_limit_fallback_total") >= 45)
                try await redis.thaw()
            }
        }
    }

    @Test func nodesThatStartWhileRedisIsAwayServeAndFindItLater() async throws {
        try await PrivateRedis.with { redis in
            try await redis.stop()
            try await RunningAPI.with(["TESSERA_REDIS_URL": redis.url, "TESSERA_LIMITS_TENANT": "1000000/60"]) { api in
                let ada = try await api.register()
                #expect(try await api.get("/api/v1/me", as: ada.accessToken).status == 200)
                try await redis.start()
                try await eventually("it is found") { api.process.standardOutput.contains("redis is back") }
                #expect(try await api.get("/api/v1/me", as: ada.accessToken).status == 200)
                #expect(try await redis.command("DBSIZE") != "0")
            }
        }
    }

    @Test func passwordsInTheURLAreNeverLogged() async throws {
        try await TestDatabase.with { database in
            var environment = RunningAPI.environment(for: database)
            environment["TESSERA_REDIS_URL"] = "redis://:hush-hush@nowhere invalid"
            let process = try ChildProcess(try Checkout.executable("tessera-api"), environment: environment)
            #expect(try await process.exitCode() == 1)
            #expect(process.standardError.contains("TESSERA_REDIS_URL"))
            #expect(!(process.standardError + process.standardOutput).contains("hush"))
        }
    }
}

extension RunningAPI {
    /// Two processes over one database.
    static func withTwo(_ environment: [String: String], _ body: (RunningAPI, RunningAPI) async throws -> Void) async throws {
        try await with(environment) { one in
            let two = try await start(over: one.database, environment)
            do {
                try await body(one, two)
                try await two.stop()
            } catch {
                two.process.signal(SIGKILL)
                throw error
            }
        }
    }

    /// The statuses of so many requests, one after the other.
    func statuses(_ count: Int, as credential: String, _ path: String = "/api/v1/me") async throws -> [Int] {
        var statuses: [Int] = []
        for _ in 0..<count { statuses.append(try await get(path, as: credential).status) }
        return statuses
    }

    /// Who decided about how many requests.
    func decisions() async throws -> [String: Int] {
        var decisions: [String: Int] = [:]
        for line in try await metrics().split(separator: "\n") {
            guard let match = line.wholeMatch(of: /tessera_limit_decisions_total\{by="(\w+)"\} ([0-9.e+]+)/) else { continue }
            decisions[String(match.1)] = Double(match.2).map { Int($0) }
        }
        return decisions
    }
}
