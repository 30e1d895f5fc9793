import Foundation
import Postgres
import Support
import Testing

/// A token gets another secret under the same id; the one it had may be taken a while longer.
@Suite struct TokenRotationTests {
    @Test func withoutOverlapTheOldSecretIsDeadAtOnce() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            let rotated = try await api.rotate(token.id, as: ada.accessToken)
            #expect(rotated.status == 200)
            #expect(rotated.body.id.string == token.id)
            #expect(rotated.body.rotation.isNull)
            #expect(rotated.body.version.int == 2)
            let fresh = try #require(rotated.body.token.string)
            #expect(fresh != token.secret)
            #expect(fresh.hasPrefix(String(token.secret.prefix(48))))
            #expect(try await api.get("/api/v1/me", as: fresh).status == 200)
            let dead = try await api.get("/api/v1/me", as: token.secret)
            #expect(dead.code == "invalid_token")
            #expect(dead.body.detail.string?.contains("replaced") == true)
            // It is noticed once a day, through the usage log, and recorded as one token's use.
            for _ in 0..<3 { _ = try await api.get("/api/v1/me", as: token.secret) }
            #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: 5, query: "&status=401") == 4)
            let connection = try await api.database.connect()
            let events = try await connection.query("SELECT kind, host(ip_address) FROM tessera.token_events").decode(String.self, String.self)
            #expect(events.map(\.0) == ["ended_secret_used"])
            await connection.close()
        }
    }

    @Test func duringAnOverlapBothAreTakenAndTheOldManagesNothing() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada, scopes: ["admin"], more: #","expiresInDays":9"#)
            let rotated = try await api.rotate(token.id, #"{"overlapSeconds":600}"#, as: ada.accessToken)
            let fresh = try #require(rotated.body.token.string)
            #expect(rotated.body.rotation.names == ["oldSecretLastUsedAt", "overlapEndsAt", "startedAt"])
            for secret in [token.secret, fresh] { #expect(try await api.get("/api/v1/me", as: secret).status == 200) }
            for (method, path) in [
                ("GET", ""), ("GET", "/\(token.id)"), ("GET", "/\(token.id)/usage"), ("POST", "/\(token.id)/revoke"), ("DELETE", "/\(token.id)"),
                ("GET", "/self"), ("DELETE", "/self"), ("POST", "/self/rotate"),
            ] {
                let refused = try await api.send(method, "/api/v1/tokens" + path, as: token.secret)
                #expect(refused.status == 403, "\(method) \(path)")
                #expect(refused.code == "forbidden", "\(method) \(path)")
            }
            #expect(try await api.get("/api/v1/tokens/\(token.id)", as: fresh).status == 200)
            #expect(try await api.rotate(token.id, as: ada.accessToken).code == "rotation_in_progress")
            try await eventually("the old secret's use is shown") {
                try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken).body.rotation.oldSecretLastUsedAt.string != nil
            }
            let finished = try await api.post("/api/v1/tokens/\(token.id)/rotate/finish", as: ada.accessToken)
            #expect(finished.status == 200)
            #expect(finished.body.rotation.isNull)
            #expect(finished.body.token.isNull)
            #expect(try await api.post("/api/v1/tokens/\(token.id)/rotate/finish", as: ada.accessToken).status == 200)
            #expect(try await api.get("/api/v1/me", as: token.secret).code == "invalid_token")
            #expect(try await api.rotate(token.id, as: ada.accessToken).status == 200)
        }
    }

    @Test func anOverlapEndsByItself() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            _ = try await api.rotate(token.id, #"{"overlapSeconds":1}"#, as: ada.accessToken)
            try await eventually("the old secret is dead") { try await api.get("/api/v1/me", as: token.secret).code == "invalid_token" }
            #expect(try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken).body.rotation.isNull)
        }
    }

    @Test func onlyTheOwnersSessionRotates() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "member", name: "eve")
            let hers = try await api.token(eve)
            #expect(try await api.rotate(hers.id, as: ada.accessToken).code == "forbidden")
            #expect(try await api.post("/api/v1/tokens/\(hers.id)/rotate/finish", as: ada.accessToken).code == "forbidden")
            let adas = try await api.token(ada, scopes: ["admin"], more: #","expiresInDays":9"#)
            #expect(try await api.rotate(adas.id, as: adas.secret).code == "session_required")
            #expect(try await api.rotate(adas.id, as: eve.accessToken).status == 404)
            let account = try #require(try await api.serviceAccount("ci", "owner", as: ada.accessToken).body.id.string)
            let made = try await api.serviceToken(of: account, scopes: "\"read\"", as: ada.accessToken)
            let id = try #require(made.body.id.string)
            let bob = try await api.join(ada, as: "admin", name: "bob")
            #expect(try await api.rotate(id, as: bob.accessToken).code == "forbidden")
            let rotated = try await api.rotate(id, as: ada.accessToken)
            #expect(rotated.body.token.string?.hasPrefix("tss_") == true)
            for body in [#"{"overlapSeconds":-1}"#, #"{"overlapSeconds":86401}"#, #"{"overlapSeconds":"1"}"#, #"{"seconds":1}"#] {
                #expect(try await api.rotate(adas.id, body, as: ada.accessToken).status == 422, "\(body)")
            }
            #expect(try await api.post("/api/v1/tokens/\(adas.id)/revoke", as: ada.accessToken).status == 200)
            #expect(try await api.rotate(adas.id, as: ada.accessToken).code == "token_revoked")
        }
    }

    @Test func ofManyRotationsAtOnceOneSucceeds() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
                for _ in 0..<16 { group.addTask { try await api.rotate(token.id, #"{"overlapSeconds":60}"#, as: ada.accessToken) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(replies.count { $0.status == 200 } == 1)
            #expect(replies.count { $0.code == "rotation_in_progress" } == 15)
            let secret = try #require(replies.first { $0.status == 200 }?.body.token.string)
            #expect(try await api.get("/api/v1/me", as: secret).status == 200)
        }
    }

    @Test func aTokenLooksAtRotatesAndEndsItself() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada, scopes: ["data:read", "self:rotate"], more: #","expiresInDays":9"#)
            let shown = try await api.get("/api/v1/tokens/self", as: token.secret)
            #expect(shown.body.id.string == token.id)
            #expect(shown.body.names == (try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken)).body.names)
            #expect(shown.header("X-Token-Expires-At") == shown.body.expiresAt.string)
            #expect(try await api.get("/api/v1/tokens/self", as: ada.accessToken).code == "forbidden")
            let rotated = try await api.post("/api/v1/tokens/self/rotate", as: token.secret)
            #expect(rotated.status == 200)
            #expect(rotated.body.expiresAt == shown.body.expiresAt)
            let fresh = try #require(rotated.body.token.string)
            #expect(try await api.get("/api/v1/tokens/self", as: token.secret).code == "invalid_token")
            #expect(try await api.send("DELETE", "/api/v1/tokens/self", as: fresh).status == 204)
            #expect(try await api.get("/api/v1/tokens/self", as: fresh).code == "invalid_token")
            #expect(try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken).body.status.string == "revoked")
            let plain = try await api.token(ada, scopes: ["admin"], more: #","expiresInDays":20"#)
            let refused = try await api.post("/api/v1/tokens/self/rotate", as: plain.secret)
            #expect(refused.code == "insufficient_scope")
            #expect(refused.header("X-Token-Expires-At") == nil)
        }
    }
}

extension RunningAPI {
    func rotate(_ token: String, _ body: String? = nil, as credential: String) async throws -> Reply {
        try await post("/api/v1/tokens/\(token)/rotate", body, as: credential)
    }
}
