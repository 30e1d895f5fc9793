import Foundation
import Postgres
import Support
import Testing

/// Owners say what their tenant demands of its tokens, and it holds from the next use on, for old ones too.
@Suite struct TokenPolicyTests {
    @Test func aPolicyIsReadAndReplaced() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let usual = try await api.get("/api/v1/token-policy", as: ada.accessToken)
            #expect(
                usual.body.names == ["allowedCidrs", "allowedScopesByRole", "idleDays", "maxLifetimeDays", "onExposure", "onReuse", "requireExpiry"])
            #expect(usual.body.maxLifetimeDays.isNull)
            #expect([usual.body.onExposure.string, usual.body.onReuse.string] == ["revoke", "notify"])
            let body =
                #"{"maxLifetimeDays":90,"requireExpiry":true,"allowedScopesByRole":{"member":["read","app:x"],"viewer":[]},"allowedCidrs":["127.0.0.0/8"],"idleDays":30,"onExposure":"notify","onReuse":"revoke"}"#
            let set = try await api.put("/api/v1/token-policy", body, as: ada.accessToken)
            #expect(set.status == 200)
            #expect(try await api.get("/api/v1/token-policy", as: ada.accessToken).body == set.body)
            #expect(set.body.allowedScopesByRole.member.array.map(\.string) == ["read", "app:x"])
            // What is left out is as usual again.
            #expect(try await api.put("/api/v1/token-policy", "{}", as: ada.accessToken).body == usual.body)
            for (body, pointer) in [
                (#"{"maxLifetimeDays":0}"#, "/maxLifetimeDays"), (#"{"allowedScopesByRole":{"king":[]}}"#, "/allowedScopesByRole/king"),
                (#"{"allowedScopesByRole":{"member":["fly"]}}"#, "/allowedScopesByRole/member/0"), (#"{"onReuse":"panic"}"#, "/onReuse"),
                (#"{"allowedCidrs":["10.0.0.1/8"]}"#, "/allowedCidrs/0"), (#"{"requireExpiry":1}"#, "/requireExpiry"), (#"{"x":1}"#, "/x"),
            ] {
                let refused = try await api.put("/api/v1/token-policy", body, as: ada.accessToken)
                #expect(refused.status == 422)
                #expect(refused.body.errors[0].pointer.string == pointer, "\(body)")
            }
            let eve = try await api.join(ada, as: "admin", name: "eve")
            #expect(try await api.put("/api/v1/token-policy", "{}", as: eve.accessToken).code == "forbidden")
            let token = try await api.token(ada, scopes: ["admin"], more: #","expiresInDays":1"#)
            #expect(try await api.put("/api/v1/token-policy", "{}", as: token.secret).code == "session_required")
            #expect(try await api.get("/api/v1/token-policy", as: token.secret).status == 200)
        }
    }

    @Test func newTokensKeepIt() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada, more: #","expiresInDays":5"#)
            let body = #"{"maxLifetimeDays":10,"requireExpiry":true,"allowedScopesByRole":{"owner":["write"]}}"#
            _ = try await api.put("/api/v1/token-policy", body, as: ada.accessToken)
            for (more, code) in [
                ("", "validation_failed"), (#","expiresInDays":11"#, "validation_failed"), (#","expiresInDays":9,"scopes":["admin"]"#, "forbidden"),
                (#","expiresInDays":9,"scopes":["app:x"]"#, "forbidden"),
            ] {
                #expect(try await api.post("/api/v1/tokens", #"{"name":"x"\#(more)}"#, as: ada.accessToken).code == code, "\(more)")
            }
            #expect(try await api.post("/api/v1/tokens", #"{"name":"x","expiresInDays":10,"scopes":["write"]}"#, as: ada.accessToken).status == 201)
            let path = "/api/v1/tokens/\(token.id)"
            for body in [#"{"expiresAt":null}"#, #"{"expiresAt":"2028-01-01T00:00:00Z"}"#] {
                #expect(try await api.send("PATCH", path, as: ada.accessToken, json: body).code == "validation_failed", "\(body)")
            }
            #expect(try await api.send("PATCH", path, as: ada.accessToken, json: #"{"scopes":["write"]}"#).status == 200)
        }
    }

    @Test func itGovernsOldTokensFromTheNextUseOn() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let old = try await api.token(ada, scopes: ["write"])
            let connection = try await api.database.connect()
            _ = try await connection.query("UPDATE tessera.api_tokens SET created_at = created_at - interval '20 days'")
            let young = try await api.token(ada, more: #","expiresInDays":5"#)
            func statuses(under policy: String) async throws -> [String] {
                #expect(try await api.put("/api/v1/token-policy", policy, as: ada.accessToken).status == 200)
                var codes: [String] = []
                for token in [old, young] { codes.append(try await api.get("/api/v1/me", as: token.secret).code ?? "ok") }
                return codes
            }
            #expect(try await statuses(under: "{}") == ["ok", "ok"])
            #expect(try await statuses(under: #"{"maxLifetimeDays":20}"#) == ["invalid_token", "ok"])
            #expect(try await statuses(under: #"{"maxLifetimeDays":21}"#) == ["ok", "ok"])
            #expect(try await statuses(under: #"{"requireExpiry":true}"#) == ["invalid_token", "ok"])
            #expect(try await statuses(under: #"{"allowedCidrs":["10.0.0.0/8"]}"#) == ["network_not_allowed", "network_not_allowed"])
            #expect(try await statuses(under: #"{"allowedCidrs":["127.0.0.0/8"]}"#) == ["ok", "ok"])
            // Its use keeps it from idling.
            try await eventually("the use is stored") {
                try await connection.query("SELECT count(*) FROM tessera.token_activity").decode(Int.self) == [2]
            }
            #expect(try await statuses(under: #"{"idleDays":10}"#) == ["ok", "ok"])
            try await api.hasStoredAll()
            _ = try await connection.query("UPDATE tessera.token_activity SET last_used_at = now() - interval '11 days'")
            #expect(try await statuses(under: #"{"idleDays":10}"#) == ["invalid_token", "invalid_token"])
            #expect(try await statuses(under: #"{"idleDays":12}"#) == ["ok", "ok"])
            // Less is left of its scopes.
            _ = try await statuses(under: #"{"allowedScopesByRole":{"owner":["members:read"]}}"#)
            #expect(try await api.get("/api/v1/me", as: old.secret).body.permissions.array.map(\.string) == ["members:read"])
            #expect(try await api.get("/api/v1/tenant", as: old.secret).code == "insufficient_scope")
            #expect(try await api.get("/api/v1/members", as: old.secret).status == 200)
            await connection.close()
        }
    }

    @Test func aTokenThatIdledIsNotTakenAtTheSecondTryEither() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            let connection = try await api.database.connect()
            _ = try await connection.query("UPDATE tessera.api_tokens SET created_at = created_at - interval '11 days'")
            _ = try await api.put("/api/v1/token-policy", #"{"idleDays":10}"#, as: ada.accessToken)
            for count in 1...2 {
                #expect(try await api.get("/api/v1/me", as: token.secret).code == "invalid_token")
                // Refused tries are listed, and are no use.
                #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: count) == count)
            }
            #expect(try await connection.query("SELECT count(*) FROM tessera.token_activity").decode(Int.self) == [0])
            await connection.close()
        }
    }

    @Test func whatAPolicyTakesFromATokenItCannotDoItselfEither() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada, scopes: ["read", "self:rotate"], more: #","expiresInDays":5"#)
            _ = try await api.put("/api/v1/token-policy", #"{"allowedScopesByRole":{"owner":["read"]}}"#, as: ada.accessToken)
            #expect(try await api.post("/api/v1/tokens/self/rotate", as: token.secret).code == "insufficient_scope")
            _ = try await api.put("/api/v1/token-policy", #"{"allowedScopesByRole":{"owner":["read","self:rotate"]}}"#, as: ada.accessToken)
            #expect(try await api.post("/api/v1/tokens/self/rotate", as: token.secret).status == 200)
        }
    }

    @Test func aPreviewNamesWhatAChangeWouldHit() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "member", name: "eve")
            let hers = try await api.token(eve, scopes: ["write"], more: #","expiresInDays":5"#)
            let forever = try await api.token(ada)
            let dead = try await api.token(ada)
            _ = try await api.post("/api/v1/tokens/\(dead.id)/revoke", as: ada.accessToken)
            let preview = try await api.post(
                "/api/v1/token-policy/preview", #"{"requireExpiry":true,"allowedScopesByRole":{"member":["read"]}}"#, as: ada.accessToken)
            #expect(preview.status == 200)
            #expect(preview.body.matched.int == 2)
            let hits = preview.body.tokens.array.map { "\($0.id.string ?? "") \($0.violations.array.compactMap(\.string))" }
            #expect(hits == ["\(forever.id) [\"never_expires\"]", "\(hers.id) [\"over_scoped\"]"])
            #expect(try await api.get("/api/v1/token-policy", as: ada.accessToken).body.requireExpiry.bool == false)
            #expect(try await api.get("/api/v1/me", as: forever.secret).status == 200)
        }
    }

    @Test(arguments: ["notify", "deactivate", "revoke"]) func theUseOfAnEndedSecretHasTheConsequenceThatWasChosen(reaction: String) async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            _ = try await api.put("/api/v1/token-policy", #"{"onReuse":"\#(reaction)"}"#, as: ada.accessToken)
            let token = try await api.token(ada)
            let fresh = try #require(try await api.post("/api/v1/tokens/\(token.id)/rotate", as: ada.accessToken).body.token.string)
            for _ in 0..<3 { #expect(try await api.get("/api/v1/me", as: token.secret).code == "invalid_token") }
            let connection = try await api.database.connect()
            try await eventually("the event is handled") {
                try await connection.query("SELECT count(*) FROM tessera.token_events WHERE handled_at IS NOT NULL").decode(Int.self) == [1]
            }
            await connection.close()
            let status = ["notify": "active", "deactivate": "inactive", "revoke": "revoked"][reaction]
            #expect(try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken).body.status.string == status)
            #expect(try await api.get("/api/v1/me", as: fresh).status == (reaction == "notify" ? 200 : 401))
            let kinds = try await api.get("/api/v1/tokens/\(token.id)/events", as: ada.accessToken).body.events.array.map(\.kind.string)
            let expected = ["token.ended_secret_used", "token.rotated", "token.created"]
            #expect(kinds.filter { $0 != "token.revoked" && $0 != "token.changed" } == expected)
            #expect(kinds.count == (reaction == "notify" ? 3 : 4))
        }
    }

    @Test func aTokensHistoryIsItsOwnersAndAdminsToRead() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "member", name: "eve")
            let token = try await api.token(eve)
            let path = "/api/v1/tokens/\(token.id)"
            _ = try await api.send("PATCH", path, as: eve.accessToken, json: #"{"isActive":false}"#)
            #expect(try await api.send("DELETE", path, as: eve.accessToken).status == 204)
            for reader in [eve, ada] {
                let events = try await api.get(path + "/events", as: reader.accessToken)
                #expect(events.body.events.array.map(\.kind.string) == ["token.deleted", "token.changed", "token.created"])
                #expect(events.body.events[1].names == ["actor", "changes", "id", "ipAddress", "kind", "occurredAt"])
                #expect(events.body.events[1].actor.id.string == eve.user)
                #expect(events.body.events[1].changes.isActive.string == "false")
                #expect(events.body.pagination.total.int == 3)
            }
            let first = try await api.get(path + "/events?limit=2", as: ada.accessToken)
            let rest = try await api.get(path + "/events?cursor=\(try #require(first.body.pagination.nextCursor.string))", as: ada.accessToken)
            #expect(rest.body.events.array.map(\.kind.string) == ["token.created"])
            let bob = try await api.join(ada, as: "member", name: "bob")
            #expect(try await api.get(path + "/events", as: bob.accessToken).status == 404)
        }
    }
}

extension RunningAPI {
    fileprivate func put(_ path: String, _ json: String, as credential: String) async throws -> Reply {
        try await send("PUT", path, as: credential, json: json)
    }
}
