import Foundation
import HTTP
import HTTPTypes
import Support
import Testing

/// Pages of listed origins may read answers, others may not, and no cookie ever travels so.
@Suite struct CrossOriginTests {
    private static let settings = ["TESSERA_HTTP_CORS_ORIGINS": "https://app.example.com, http://localhost:5173"]
    private static let exposed =
        "Location, Link, ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, Idempotent-Replayed, X-Token-Expires-At, WWW-Authenticate"

    @Test func preflightsAreAnsweredBeforeAnythingElseIsAsked() async throws {
        try await RunningAPI.with(Self.settings.merging(["TESSERA_LIMITS_ADDRESS": "1/3600"]) { $1 }) { api in
            for route in Endpoint.all where !route.path.hasPrefix("/api/v1/authorize") {
                let preflight = try await api.preflight(route.path.with(id: UUID().uuidString), from: "https://app.example.com")
                #expect(preflight.status == 204, "\(route.operationID)")
                #expect(preflight.bytes.isEmpty)
                #expect(preflight.header("Access-Control-Allow-Origin") == "https://app.example.com")
                #expect(preflight.header("Access-Control-Allow-Methods")?.components(separatedBy: ", ").contains(route.method.rawValue) == true)
                let headers = preflight.header("Access-Control-Allow-Headers")?.lowercased().components(separatedBy: ", ") ?? []
                #expect(Set(headers).isSuperset(of: ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match"]))
                #expect(preflight.header("Access-Control-Allow-Credentials") == nil)
                #expect(preflight.header("Access-Control-Max-Age") == "7200")
                #expect(preflight.header("Vary")?.contains("Origin") == true)
            }
            // None of them was charged.
            #expect(try await api.get("/api/v1/me").status == 401)
            #expect(try await api.get("/api/v1/me").status == 429)
        }
    }

    @Test func listedOriginsReadAnswersAndRefusals() async throws {
        try await RunningAPI.with(Self.settings.merging(["TESSERA_LIMITS_TOKEN": "600/60"]) { $1 }) { api in
            let ada = try await api.register()
            for origin in ["https://app.example.com", "http://localhost:5173"] {
                for (path, credential, status) in [
                    ("/api/v1/tokens", ada.accessToken, 200), ("/api/v1/tokens", nil, 401), ("/api/v1/tokens/x", ada.accessToken, 404),
                    ("/api/v1/tokens?limit=0", ada.accessToken, 422), ("/api/v1/nowhere", nil, 404), ("/nowhere", nil, 404),
                ] as [(String, String?, Int)] {
                    let reply = try await api.send("GET", path, as: credential, headers: [("Origin", origin)])
                    #expect(reply.status == status, "\(path)")
                    #expect(reply.header("Access-Control-Allow-Origin") == origin, "\(path)")
                    #expect(reply.header("Access-Control-Expose-Headers") == Self.exposed, "\(path)")
                    #expect(reply.header("Access-Control-Allow-Credentials") == nil)
                    #expect(reply.header("Vary") == "Origin")
                }
            }
        }
    }

    @Test func otherOriginsReadNothing() async throws {
        try await RunningAPI.with(Self.settings) { api in
            let ada = try await api.register()
            for origin in [
                "https://evil.example.com", "https://app.example.com.evil.com", "http://app.example.com", "https://app.example.com:8443", "null",
                "https://APP.example.com", "http://localhost", "*",
            ] {
                let reply = try await api.send("GET", "/api/v1/tokens", as: ada.accessToken, headers: [("Origin", origin)])
                #expect(reply.status == 200)
                let preflight = try await api.preflight("/api/v1/tokens", from: origin)
                #expect(preflight.status == 204)
                for answer in [reply, preflight] {
                    #expect(answer.headers.allSatisfy { !$0.name.lowercased().hasPrefix("access-control-") }, "\(origin)")
                    #expect(answer.header("Vary")?.contains("Origin") == true, "\(origin)")
                }
            }
            // A listed origin is still another one than ours: no cookie for its pages.
            let login = try await api.send(
                "POST", "/api/v1/auth/login", json: #"{"email":"\#(ada.email)","password":"correct horse battery","transport":"cookie"}"#,
                headers: [("Origin", "https://app.example.com"), ("Sec-Fetch-Site", "cross-site")])
            #expect(login.code == "forbidden")
            #expect(login.header("Set-Cookie") == nil)
        }
    }

    @Test func withoutAListNobodyReadsAnything() async throws {
        try await RunningAPI.with { api in
            let reply = try await api.send("GET", "/health", headers: [("Origin", "https://app.example.com")])
            #expect(reply.headers.allSatisfy { !$0.name.lowercased().hasPrefix("access-control-") && $0.name.lowercased() != "vary" })
            let preflight = try await api.preflight("/api/v1/tokens", from: "https://app.example.com")
            #expect(preflight.status == 204)
            #expect(preflight.header("Access-Control-Allow-Origin") == nil)
        }
    }

    @Test func onlyRealOriginsCanBeListed() async throws {
        try await TestDatabase.with { database in
            for origin in ["*", "null", "https://app.example.com/", "https://*.example.com", "app.example.com", "https://App.example.com"] {
                let environment = RunningAPI.environment(for: database).merging(["TESSERA_HTTP_CORS_ORIGINS": origin]) { $1 }
                let checked = try await run(Checkout.executable("tessera-api"), ["check"], environment: environment)
                #expect(checked.code != 0, "\(origin)")
                #expect((checked.output + checked.errors).contains("TESSERA_HTTP_CORS_ORIGINS"), "\(origin)")
            }
        }
    }
}

extension RunningAPI {
    fileprivate func preflight(_ path: String, from origin: String) async throws -> Reply {
        try await send(
            "OPTIONS", path,
            headers: [
                ("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,idempotency-key"),
            ])
    }
}
