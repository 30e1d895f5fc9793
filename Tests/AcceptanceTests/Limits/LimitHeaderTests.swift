import Foundation
import Support
import Testing

/// What answers say of limits is what clients can parse and go by.
@Suite(.timeLimit(.minutes(2))) struct LimitHeaderTests {
    /// Lists of strings with integer parameters, as draft-ietf-httpapi-ratelimit-headers says and RFC 8941 writes them.
    private static func isList(_ text: String, of parameters: String) -> Bool {
        let (first, second) = (parameters.first.map(String.init) ?? "", parameters.last.map(String.init) ?? "")
        return text.components(separatedBy: ", ").allSatisfy { item in
            guard let match = item.wholeMatch(of: /"[a-z]+";([a-z])=[0-9]+;([a-z])=[0-9]+/) else { return false }
            return match.1 == first && match.2 == second
        }
    }

    @Test func aLoopToTheLimitThenWaitingAsToldThenSuccess() async throws {
        try await PrivateRedis.with { redis in
            for shared in [["TESSERA_REDIS_URL": redis.url, "TESSERA_REDIS_TIMEOUT": "5000"], [:]] {
                let limits = ["TESSERA_LIMITS_TOKEN": "5/10", "TESSERA_LIMITS_TENANT": "1000/60"].merging(shared) { one, _ in one }
                try await RunningAPI.with(limits) { api in
                    let token = try await api.token(try await api.register())
                    var left: [Int] = []
                    var refused: Reply?
                    for _ in 0..<10 where refused == nil {
                        let reply = try await api.get("/api/v1/me", as: token.secret)
                        let (policy, state) = (try #require(reply.header("RateLimit-Policy")), try #require(reply.header("RateLimit")))
                        #expect(Self.isList(policy, of: "qw"), "\(policy)")
                        #expect(Self.isList(state, of: "rt"), "\(state)")
                        #expect(policy.hasPrefix(#""token";q=5;w=10, "tenant";q=1000;w=60"#) || reply.status == 429, "\(policy)")
                        if reply.status == 429 { refused = reply } else { left.append(Int(state.split(separator: ";")[1].dropFirst(2)) ?? -1) }
                    }
                    #expect(left == [4, 3, 2, 1, 0])
                    let wait = try #require(refused?.header("Retry-After").flatMap { Int($0) })
                    #expect((1...2).contains(wait))
                    #expect(refused?.code == "quota_exceeded")
                    // What the header tells is what is tested: nothing else to wait for.
                    try await Task.sleep(for: .seconds(wait))
                    #expect(try await api.get("/api/v1/me", as: token.secret).status == 200)
                }
            }
        }
    }

    /// With the parser that others use, where Python has it (`scripts/test` sees to that).
    @Test(.enabled(if: HTTPStructuredFields.isThere)) func aParserOfStructuredFieldsFindsTheRightTypes() async throws {
        try await RunningAPI.with(["TESSERA_LIMITS_TOKEN": "5/10", "TESSERA_LIMITS_TENANT": "1000/60"]) { api in
            let reply = try await api.get("/api/v1/me", as: try await api.token(try await api.register()).secret)
            let done = try await run(
                try PythonServer.python(),
                [
                    Checkout.path("Tests/AcceptanceTests/Limits/structured_fields.py"), try #require(reply.header("RateLimit-Policy")),
                    try #require(reply.header("RateLimit")),
                ])
            #expect(done.code == 0, "\(done.errors)")
            let expected = /token q=5 w=10\ntenant q=1000 w=60\ntoken r=4 t=2\ntenant r=99[0-9] t=1\n/
            #expect(done.output.wholeMatch(of: expected) != nil, "\(done.output)")
        }
    }
}

private enum HTTPStructuredFields {
    static var isThere: Bool {
        guard let python = try? PythonServer.python(), let probe = try? ChildProcess(python, ["-c", "import http_sf"]) else { return false }
        while probe.isRunning { usleep(10_000) }
        return !probe.standardError.contains("Error")
    }
}
