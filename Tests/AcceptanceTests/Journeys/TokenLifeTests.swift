import Foundation
import Postgres
import Support
import Testing

/// The life of a token as an integration sees it.
@Suite struct TokenLifeTests {
    @Test func tokenWorksIsRecordedAndDiesWhenRevoked() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            let me = try await api.get("/api/v1/me", as: token.secret)
            #expect(me.status == 200)
            #expect(me.body.tokenType.string == "apiToken")
            #expect(me.body.tokenId.string == token.id)
            #expect(me.body.tenant.id.string == ada.tenant)
            #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: 1) == 1)

            let revoked = try await api.post("/api/v1/tokens/\(token.id)/revoke", #"{"reason":"leaked"}"#, as: ada.accessToken)
            #expect(revoked.status == 200)
            #expect(revoked.body.effective.string == "everywhere")
            #expect(revoked.body.revokedReason.string == "leaked")
            let refused = try await api.get("/api/v1/me", as: token.secret)
            #expect(refused.status == 401)
            #expect(
                refused.header("WWW-Authenticate")
                    == #"Bearer realm="tessera", error="invalid_token", error_description="The access token was revoked.""#)

            let again = try await api.post("/api/v1/tokens/\(token.id)/revoke", #"{"reason":"other"}"#, as: ada.accessToken)
            #expect(again.status == 200)
            #expect(again.body.revokedReason.string == "leaked")
            // The refusal of a proven token is recorded too.
            #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: 2, query: "&status=401") == 1)
        }
    }

    @Test func secretIsShownOnceAndNowhereElse() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            for path in ["/api/v1/tokens", "/api/v1/tokens/\(token.id)"] {
                let reply = try await api.get(path, as: ada.accessToken)
                #expect(reply.status == 200)
                #expect(!String(decoding: reply.bytes, as: UTF8.self).contains(token.secret.suffix(49)))
            }
            _ = try await api.get("/api/v1/me?token=\(token.secret)", as: token.secret)
            _ = try await api.get("/api/v1/\(token.secret)", as: token.secret)
            let connection = try await api.database.connect()
            for table in ["api_tokens", "token_activity", "api_token_usage", "sessions", "refresh_tokens", "users"] {
                let rows = try await connection.query(
                    "SELECT count(*) FROM tessera.\(identifier: table) t WHERE t::text LIKE \("%" + token.secret.suffix(49) + "%")")
                #expect(try rows.decode(Int.self) == [0])
            }
            await connection.close()
            try await api.stop()
            let log = api.process.standardOutput + api.process.standardError
            for secret in [String(token.secret.suffix(49)), ada.accessToken, ada.refreshToken, "correct horse battery"] {
                #expect(!log.contains(secret))
            }
        }
    }

    @Test func switchedOffTokenIsRefusedUntilItIsOnAgain() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            let off = try await api.send("PATCH", "/api/v1/tokens/\(token.id)", as: ada.accessToken, json: #"{"isActive":false,"name":"off"}"#)
            #expect(off.status == 200)
            #expect(off.body.status.string == "inactive")
            #expect(off.body.version.int == 2)
            #expect(try await api.get("/api/v1/me", as: token.secret).status == 401)
            let on = try await api.send("PATCH", "/api/v1/tokens/\(token.id)", as: ada.accessToken, json: #"{"isActive":true}"#)
            #expect(on.body.status.string == "active")
            #expect(on.body.name.string == "off")
            #expect(try await api.get("/api/v1/me", as: token.secret).status == 200)
        }
    }

    @Test func expiredTokenIsRefusedAndSaysSo() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let soon = Date(timeIntervalSinceNow: 1.2).formatted(
                .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
            let token = try await api.token(ada, more: #","expiresAt":"\#(soon)""#)
            #expect(try await api.get("/api/v1/me", as: token.secret).status == 200)
            try await eventually("it expires", within: .seconds(5)) { try await api.get("/api/v1/me", as: token.secret).status == 401 }
            let refused = try await api.get("/api/v1/me", as: token.secret)
            #expect(refused.header("WWW-Authenticate")?.contains("expired") == true)
            #expect(try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken).body.status.string == "expired")
        }
    }

    @Test func deletedTokenIsGoneButItsUsageStays() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada, name: "ci")
            _ = try await api.get("/api/v1/me", as: token.secret)
            #expect(try await api.send("DELETE", "/api/v1/tokens/\(token.id)", as: ada.accessToken).status == 204)
            #expect(try await api.send("DELETE", "/api/v1/tokens/\(token.id)", as: ada.accessToken).status == 404)
            #expect(try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken).status == 404)
            #expect(try await api.get("/api/v1/me", as: token.secret).status == 401)
            #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: 1) == 1)
            // The name is free again.
            _ = try await api.token(ada, name: "ci")
        }
    }

    @Test func tokenMakesOnlyWhatIsNoBroaderThanItself() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let write = try await api.token(ada, scopes: ["write"], more: #","expiresInDays":30"#)
            let broader = [
                #"{"name":"a","scopes":["admin"],"expiresInDays":1}"#, #"{"name":"a","scopes":["read"]}"#,
                #"{"name":"a","scopes":["read"],"expiresInDays":31}"#,
            ]
            for draft in broader {
                let refused = try await api.post("/api/v1/tokens", draft, as: write.secret)
                #expect(refused.status == 403)
                #expect(refused.code == "forbidden")
            }
            let child = try await api.post("/api/v1/tokens", #"{"name":"a","scopes":["read"],"expiresInDays":29}"#, as: write.secret)
            #expect(child.status == 201)
            #expect(child.body.parentTokenId.string == write.id)
            let read = try await api.token(ada)
            let lacking = try await api.post("/api/v1/tokens", #"{"name":"b"}"#, as: read.secret)
            #expect(lacking.status == 403)
            #expect(lacking.header("WWW-Authenticate") == #"Bearer realm="tessera", error="insufficient_scope", scope="write""#)
        }
    }

    @Test func namesAreUniqueAmongTokensThatLive() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let first = try await api.token(ada, name: "ci")
            let second = try await api.post("/api/v1/tokens", #"{"name":"ci"}"#, as: ada.accessToken)
            #expect(second.status == 409)
            #expect(second.code == "name_taken")
            _ = try await api.post("/api/v1/tokens/\(first.id)/revoke", as: ada.accessToken)
            _ = try await api.token(ada, name: "ci")
        }
    }
}
