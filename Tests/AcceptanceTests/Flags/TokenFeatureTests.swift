import Foundation
import Postgres
import Support
import Testing

/// With `api-tokens` off nothing new is made of tokens and none is taken; what there is can be seen and ended, and works again later.
@Suite struct TokenFeatureTests {
    @Test func aTokenIsRefusedWhileTheFeatureIsOffAndWorksAgainBehindIt() async throws {
        try await RunningAPI.with { api in
            let (root, ada, bob) = (try await api.platformAdmin(), try await api.register("ada"), try await api.register("bob"))
            let token = try await api.token(ada, scopes: ["admin", "self:rotate"], more: #","expiresInDays":9"#)
            let others = try await api.token(bob)
            let gateway = try await Introspector.make(at: api.database)
            func introspected() async throws -> String {
                let reply = try await api.send(
                    "POST", "/api/v1/introspect", json: "token=\(token.secret)",
                    headers: [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", gateway.bearer)])
                return reply.body.active.bool == true ? "active" : String(decoding: reply.bytes, as: UTF8.self)
            }
            #expect(try await introspected() == "active")
            _ = try await api.setFlag(false, for: ada.tenant, as: root)
            // Whatever the token is used for, itself included.
            for (method, path) in [
                ("GET", "/api/v1/me"), ("GET", "/api/v1/tokens"), ("GET", "/api/v1/tokens/self"), ("DELETE", "/api/v1/tokens/self"),
                ("POST", "/api/v1/tokens/self/rotate"), ("POST", "/api/v1/tokens/\(token.id)/revoke"), ("GET", "/api/v1/feature-flags"),
                ("GET", "/api/v1/authorize/orders"), ("POST", "/api/v1/introspect"),
            ] {
                let reply = try await api.send(method, path, as: token.secret)
                #expect(reply.status == 403, "\(method) \(path)")
                #expect(reply.code == "feature_disabled", "\(method) \(path)")
                #expect(reply.body.type.string == "/problems/feature-disabled")
            }
            let nginx = try await api.get("/api/v1/authorize?for=nginx", as: token.secret)
            #expect([nginx.status.description, nginx.header("X-Tessera-Code")] == ["403", "feature_disabled"])
            #expect(try await introspected() == #"{"active":false}"#)
            // Who proves nothing is told nothing, and who is over for good hears that.
            let wrong = String(token.secret.dropLast(49)) + others.secret.suffix(49)
            #expect(try await api.get("/api/v1/me", as: wrong).code == "invalid_token")
            let ended = try await api.token(bob)
            _ = try await api.post("/api/v1/tokens/\(ended.id)/revoke", as: bob.accessToken)
            _ = try await api.setFlag(false, for: bob.tenant, as: root)
            #expect(try await api.get("/api/v1/me", as: ended.secret).code == "invalid_token")
            #expect(try await api.get("/api/v1/me", as: others.secret).code == "feature_disabled")
            _ = try await api.setFlag(true, for: bob.tenant, as: root)
            #expect(try await api.get("/api/v1/me", as: others.secret).status == 200)

            #expect(try await api.get("/api/v1/me", as: token.secret).code == "feature_disabled")
            _ = try await api.setFlag(nil, for: ada.tenant, as: root)
            #expect(try await api.get("/api/v1/me", as: token.secret).status == 200)
            #expect(try await introspected() == "active")
            #expect(try await api.post("/api/v1/tokens/self/rotate", as: token.secret).status == 200)
        }
    }

    @Test func refusedTriesAreInTheTokensLogAndAreNoUse() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            let token = try await api.token(ada)
            _ = try await api.setFlag(false, for: ada.tenant, as: root)
            for _ in 0..<3 { #expect(try await api.get("/api/v1/me", as: token.secret).status == 403) }
            #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: 3, query: "&status=403") == 3)
            #expect(try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken).body.lastUsedAt.isNull)
            #expect(try await api.metric("tessera_token_refusals_total") == 3)
            #expect(try await api.metrics().contains(#"tessera_token_refusals_total{reason="feature_disabled"} 3"#))
        }
    }

    @Test func nothingIsMadeOrWidenedAndAllCanBeSeenAndEnded() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            #expect(try await api.grant("acme_live_", to: ada.tenant, as: root).status == 200)
            let session = ada.accessToken
            let tokens = try await (0..<4).asyncMap { _ in try await api.token(ada, scopes: ["write"], more: #","expiresInDays":9"#) }
            let (one, asleep, rotating, last) = (tokens[0], tokens[1], tokens[2], tokens[3])
            func patch(_ token: IssuedToken, _ json: String) async throws -> Reply {
                try await api.send("PATCH", "/api/v1/tokens/\(token.id)", as: session, json: json)
            }
            #expect(try await patch(asleep, #"{"isActive":false}"#).status == 200)
            #expect(try await api.post("/api/v1/tokens/\(rotating.id)/rotate", #"{"overlapSeconds":600}"#, as: session).status == 200)
            _ = try await api.setFlag(#""killed":true"#, as: root)

            let foreign = ForeignToken("acme_live_")
            let path = "/api/v1/tokens/\(one.id)"
            let refused = [
                ("create", try await api.post("/api/v1/tokens", #"{"name":"x","expiresInDays":9}"#, as: session)),
                ("rotate", try await api.post("\(path)/rotate", as: session)), ("import", try await api.take([foreign.item()], as: session)),
                ("reactivate", try await patch(asleep, #"{"isActive":true}"#)), ("scopes", try await patch(one, #"{"scopes":["write","app:x"]}"#)),
                ("expiry", try await patch(one, #"{"expiresAt":"2040-01-01T00:00:00Z"}"#)),
                ("narrower and wider", try await patch(one, #"{"scopes":["read","app:x"]}"#)),
            ]
            for (what, reply) in refused {
                #expect(reply.status == 403, "\(what)")
                #expect(reply.code == "feature_disabled", "\(what)")
            }
            // Who may not is told so first, and what isn't there isn't.
            let eve = try await api.register("eve")
            #expect(try await api.post("\(path)/rotate", as: eve.accessToken).status == 404)
            #expect(try await api.send("PATCH", path, as: eve.accessToken, json: #"{"isActive":true}"#).status == 404)

            for (what, reply) in [
                ("list", try await api.get("/api/v1/tokens?include=usage24h", as: session)), ("get", try await api.get(path, as: session)),
                ("usage", try await api.get("\(path)/usage", as: session)), ("events", try await api.get("\(path)/events", as: session)),
                ("rename", try await patch(one, #"{"name":"renamed"}"#)), ("narrow", try await patch(one, #"{"scopes":["read"]}"#)),
                ("shorten", try await patch(one, #"{"expiresAt":"\#(Date(timeIntervalSinceNow: 3600).formatted(.iso8601))"}"#)),
                ("deactivate", try await patch(one, #"{"isActive":false}"#)),
                ("finish", try await api.post("/api/v1/tokens/\(rotating.id)/rotate/finish", as: session)),
                ("count", try await api.post("/api/v1/tokens/revoke", #"{"filter":{"all":true}}"#, as: session)),
                ("revoke", try await api.post("\(path)/revoke", as: session)),
                ("delete", try await api.send("DELETE", "/api/v1/tokens/\(rotating.id)", as: session)),
                ("report", try await api.post("/api/v1/tokens/report-leaked", #"{"tokens":["\#(last.secret)"]}"#)),
                // Sessions are none of its business.
                ("me", try await api.get("/api/v1/me", as: session)), ("members", try await api.get("/api/v1/members", as: session)),
                ("accounts", try await api.post("/api/v1/service-accounts", #"{"name":"ci","role":"member"}"#, as: session)),
                ("refresh", try await api.post("/api/v1/auth/refresh", #"{"refreshToken":"\#(ada.refreshToken)"}"#)),
                ("login", try await api.post("/api/v1/auth/login", #"{"email":"\#(ada.email)","password":"correct horse battery"}"#)),
            ] { #expect((200...204).contains(reply.status), "\(what): \(reply.status) \(reply.body)") }

            try await eventually("the report has been looked at") { try await api.texts("SELECT ''::text FROM tessera.leak_reports").isEmpty }
            _ = try await api.setFlag(#""killed":false"#, as: root)
            #expect(try await patch(asleep, #"{"isActive":true}"#).status == 200)
            #expect(try await api.get("/api/v1/me", as: asleep.secret).status == 200)
            #expect(try await api.take([foreign.item()], as: session).status == 201)
            #expect(try await api.get("/api/v1/me", as: foreign.plain).status == 200)
            // An imported token falls under it like any other.
            _ = try await api.setFlag(false, for: ada.tenant, as: root)
            #expect(try await api.get("/api/v1/me", as: foreign.plain).code == "feature_disabled")
        }
    }
}

extension Sequence {
    /// One after the other.
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async throws -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
