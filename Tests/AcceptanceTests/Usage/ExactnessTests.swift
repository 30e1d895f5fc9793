import Foundation
import Postgres
import Support
import Testing

/// The usage log counts exactly, whatever happens.
@Suite(.serialized) struct ExactnessTests {
    @Test func tenThousandRequestsAreTenThousandRecords() async throws {
        try await RunningAPI.with(["TESSERA_LOG_LEVEL": "notice"]) { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            let sent = try await load(api, token, requests: 10_000)
            #expect(sent >= 10_000)
            for path in ["/api/v1/nowhere", "/api/v1/tokens", "/api/v1/me"] { _ = try await api.get(path, as: token.secret) }
            #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: sent + 3) == sent + 3)
            #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: 1, query: "&status=404") == 1)
            let unmatched = try await api.get("/api/v1/tokens/\(token.id)/usage?endpoint=(unmatched)", as: ada.accessToken)
            #expect(unmatched.body.usage[0].endpoint.string == "(unmatched)")
            // Raw rows, hourly and daily rollups agree.
            let connection = try await api.database.connect()
            let counts = try await connection.query(
                """
                SELECT (SELECT count(*) FROM tessera.api_token_usage), (SELECT sum(requests)::bigint FROM tessera.api_token_usage_hourly),
                       (SELECT sum(requests)::bigint FROM tessera.api_token_usage_daily)
                """
            ).decode(Int.self, Int.self, Int.self)[0]
            #expect(counts == (sent + 3, sent + 3, sent + 3))
            await connection.close()
        }
    }

    @Test func stoppingUnderLoadLosesNothing() async throws {
        try await TestDatabase.with { database in
            let api = try await RunningAPI.start(over: database, ["TESSERA_LOG_LEVEL": "notice"])
            let ada = try await api.register()
            let token = try await api.token(ada)
            async let answered = answers(api, token)
            try await eventually("some are answered") { try await api.metric("tessera_usage_recorded_total") > 200 }
            try await api.stop()
            let count = await answered
            let connection = try await database.connect()
            let stored = try await connection.query("SELECT coalesce(sum(requests), 0)::bigint FROM tessera.api_token_usage_daily").decode(Int.self)[
                0]
            await connection.close()
            #expect(count > 200)
            // Every answer that arrived is there; a few may be recorded whose answer the closing connection swallowed.
            #expect(stored >= count)
            #expect(stored - count <= 16)
        }
    }

    @Test func dropsAreCountedAndEqualWhatIsMissing() async throws {
        try await RunningAPI.with(["TESSERA_USAGE_BUFFER_CAPACITY": "500", "TESSERA_LOG_LEVEL": "notice"]) { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            // The log's table is out of reach while verification goes on.
            let blocker = try await api.database.connect()
            try await blocker.script("BEGIN; LOCK TABLE tessera.api_token_usage IN ACCESS EXCLUSIVE MODE")
            let sent = try await load(api, token, requests: 4_000)
            #expect(try await api.metric("tessera_usage_dropped_total") > 0)
            try await blocker.script("ROLLBACK")
            await blocker.close()
            try await eventually("what waits is stored", within: .seconds(20)) {
                try await api.metric("tessera_usage_stored_total") + api.metric("tessera_usage_dropped_total") == Double(sent)
            }
            let dropped = Int(try await api.metric("tessera_usage_dropped_total"))
            #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: sent - dropped) == sent - dropped)
        }
    }

    @Test func whoNeedsNoDatabaseIsServedWhileItIsAway() async throws {
        try await RunningAPI.with(["TESSERA_LOG_LEVEL": "notice"]) { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            try await api.database.allowConnections(false)
            let refused = try await api.get("/api/v1/me", as: token.secret)
            #expect(refused.status == 503)
            #expect(refused.code == "service_unavailable")
            #expect(refused.header("Retry-After") == "1")
            for _ in 0..<100 { #expect(try await api.get("/health").status == 200) }
            #expect(try await api.get("/readyz").status == 503)
            #expect(try await api.get("/api/v1/me", as: "tsr_junk").status == 401)
            try await api.database.allowConnections(true)
            try await eventually("it serves again") { try await api.get("/api/v1/me", as: token.secret).status == 200 }
        }
    }

    @Test func afterTwentySecondsWithoutTheDatabaseUnderLoadNothingIsMissing() async throws {
        try await RunningAPI.with(["TESSERA_LOG_LEVEL": "notice", "TESSERA_USAGE_BUFFER_CAPACITY": "200"]) { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            async let callers = run("/usr/bin/wrk", ["-t1", "-c8", "-d24s", "-H", "Authorization: Bearer \(token.secret)", api.url + "/api/v1/me"])
            async let probes = run("/usr/bin/wrk", ["-t1", "-c2", "-d24s", api.url + "/health"])
            try await eventually("the load has begun") { try await api.metric("tessera_usage_recorded_total") > 100 }
            try await api.database.allowConnections(false)
            try await Task.sleep(for: .seconds(20))
            try await api.database.allowConnections(true)
            #expect(try await callers.output.contains("Non-2xx"), "without the database no token is taken for good")
            #expect(try await !probes.output.contains("Non-2xx"))
            #expect(try await !probes.output.contains("Socket errors"))
            try await eventually("it serves again") { try await api.get("/api/v1/me", as: token.secret).status == 200 }
            try await eventually("nothing is in flight") { try await api.metric("tessera_http_requests_in_flight") <= 1 }
            try await eventually("what waits is stored") {
                try await api.metric("tessera_usage_stored_total") + api.metric("tessera_usage_dropped_total")
                    == api.metric("tessera_usage_recorded_total")
            }
            let kept = Int(try await api.metric("tessera_usage_recorded_total") - api.metric("tessera_usage_dropped_total"))
            #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: kept) == kept)
        }
    }

    /// Sends requests by `wrk` until at least this many were answered, and tells how many were.
    private func load(_ api: RunningAPI, _ token: IssuedToken, requests: Int) async throws -> Int {
        var answered = 0
        while answered < requests {
            let wrk = try await run("/usr/bin/wrk", ["-t2", "-c16", "-d1s", "-H", "Authorization: Bearer \(token.secret)", api.url + "/api/v1/me"])
            let line = try #require(wrk.output.split(separator: "\n").first { $0.contains("requests in") })
            answered += Int(line.split(separator: " ").first ?? "") ?? 0
            #expect(!wrk.output.contains("Non-2xx"))
        }
        // wrk leaves with requests in flight that it doesn't count: let the recorder say how many there were.
        try await eventually("nothing is in flight") { try await api.metric("tessera_http_requests_in_flight") <= 1 }
        return Int(try await api.metric("tessera_usage_recorded_total"))
    }

    /// Asks until the server hangs up; counts the answers.
    private func answers(_ api: RunningAPI, _ token: IssuedToken) async -> Int {
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var count = 0
                    while let reply = try? await api.get("/api/v1/me", as: token.secret), reply.status == 200 { count += 1 }
                    return count
                }
            }
            return await group.reduce(0, +)
        }
    }
}

extension TestDatabase {
    /// Lets no one in, and throws everyone out; or lets them in again.
    func allowConnections(_ allowed: Bool) async throws {
        let server = try await PostgresConnection.connect(TestServer.configuration(), logger: .silent)
        _ = try await server.query("ALTER DATABASE \(identifier: name) ALLOW_CONNECTIONS \(unsafeRaw: allowed ? "true" : "false")")
        if !allowed { _ = try await server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = \(name)") }
        await server.close()
    }
}
