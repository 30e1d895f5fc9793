import Foundation
import Postgres
import Support
import Testing

/// Tokens of another system keep working by their own prefix, as tokens like any other.
@Suite struct TokenImportTests {
    @Test func anImportedTokenWorksIsRecordedAndDiesWhenRevoked() async throws {
        try await RunningAPI.with { api in
            let (root, ada, bob) = (try await api.platformAdmin(), try await api.register(), try await api.register("bob"))
            let granted = try await api.grant("acme_live_", to: ada.tenant, as: root)
            #expect(granted.status == 200)
            #expect(granted.body.tokenPrefix.names == ["alphabet", "grantedAt", "length", "prefix"])
            let old = ForeignToken("acme_live_")
            #expect(try await api.get("/api/v1/me", as: old.plain).code == "invalid_token")
            let reply = try await api.take(
                [old.item(#""scopes":["read","app:orders"],"expiresInDays":9,"description":"nightly","metadata":{"a":1}"#, name: "nightly")],
                as: ada.accessToken)
            #expect(reply.status == 201)
            let token = reply.body.tokens[0]
            let id = try #require(token.id.string)
            #expect(token == (try await api.get("/api/v1/tokens/\(id)", as: ada.accessToken)).body)
            #expect(token.tokenPrefix.string == "acme_live_")
            #expect(token.scopes.array.map(\.string) == ["read", "app:orders"])
            #expect(token.metadata.a.int == 1)
            #expect(token.token.isNull)

            let me = try await api.get("/api/v1/me", as: old.plain)
            #expect(me.status == 200)
            #expect(me.body.tokenId.string == id)
            #expect(me.body.email.string == ada.email)
            #expect(try await api.get("/api/v1/tokens/self", as: old.plain).body.id.string == id)
            #expect(try await api.post("/api/v1/tokens", #"{"name":"x"}"#, as: old.plain).code == "insufficient_scope")
            #expect(try await api.usageTotal(of: id, as: ada.accessToken, reaches: 3) == 3)
            // Another tenant neither sees nor reaches it.
            #expect(try await api.get("/api/v1/tokens/\(id)", as: bob.accessToken).status == 404)
            #expect(try await api.post("/api/v1/tokens/\(id)/revoke", as: bob.accessToken).status == 404)
            let form = [("Content-Type", "application/x-www-form-urlencoded")]
            for (account, active) in [(ada, true), (bob, false)] {
                let told = try await api.send("POST", "/api/v1/introspect", as: account.accessToken, json: "token=\(old.plain)", headers: form)
                #expect(told.body.active.bool == active)
                #expect(told.body.jti.string == (active ? id : nil))
            }
            // As a proxy asks.
            #expect(try await api.get("/api/v1/authorize?scope=app:orders", as: old.plain).header("X-Tessera-Token-Id") == id)

            #expect(try await api.post("/api/v1/tokens/\(id)/revoke", as: ada.accessToken).status == 200)
            let dead = try await api.get("/api/v1/me", as: old.plain)
            #expect(dead.code == "invalid_token")
            #expect(dead.body.detail.string == "The access token was revoked.")
            let kinds = try await api.get("/api/v1/tokens/\(id)/events", as: ada.accessToken).body.events.array.map(\.kind.string)
            #expect(kinds == ["token.revoked", "token.imported"])
        }
    }

    @Test func anAdminImportsForMembersAndServiceAccounts() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            let (bea, eve) = (try await api.join(ada, as: "admin", name: "bea"), try await api.join(ada, as: "member", name: "eve"))
            let account = try #require(try await api.serviceAccount("ci", "member", as: ada.accessToken).body.id.string)
            _ = try await api.grant("acme_live_", to: ada.tenant, as: root)
            let (hers, its) = (ForeignToken("acme_live_"), ForeignToken("acme_live_"))
            let reply = try await api.take(
                [
                    hers.item(#""ownerId":"\#(eve.user)","scopes":["write"],"expiresInDays":9,"allowedCidrs":["127.0.0.0/8","2001:db8::/32"]"#),
                    its.item(#""serviceAccountId":"\#(account)","expiresInDays":9,"rateLimit":{"requests":2,"windowSeconds":3600}"#),
                ], as: bea.accessToken)
            #expect(reply.status == 201)
            #expect(reply.body.tokens.array.map(\.owner.type.string) == ["user", "serviceAccount"])
            #expect(reply.body.tokens[0].allowedCidrs.array.map(\.string) == ["127.0.0.0/8", "2001:db8::/32"])
            #expect(reply.body.tokens[1].rateLimit.requests.int == 2)
            #expect(try await api.get("/api/v1/me", as: hers.plain).body.email.string == eve.email)
            let me = try await api.get("/api/v1/me", as: its.plain)
            #expect(me.body.name.string == "ci")
            #expect(me.body.email.isNull)
            // They end with their owners, and the policy governs them.
            let policy = #"{"allowedCidrs":["192.0.2.0/24"]}"#
            #expect(try await api.send("PUT", "/api/v1/token-policy", as: ada.accessToken, json: policy).status == 200)
            #expect(try await api.get("/api/v1/me", as: hers.plain).code == "network_not_allowed")
            #expect(try await api.send("PUT", "/api/v1/token-policy", as: ada.accessToken, json: "{}").status == 200)
            #expect(
                try await api.send("PATCH", "/api/v1/service-accounts/\(account)", as: ada.accessToken, json: #"{"status":"disabled"}"#).status == 200
            )
            #expect(try await api.get("/api/v1/me", as: its.plain).code == "invalid_token")
            #expect(try await api.send("DELETE", "/api/v1/members/\(eve.user)", as: ada.accessToken).status == 204)
            #expect(try await api.get("/api/v1/me", as: hers.plain).code == "invalid_token")
        }
    }

    @Test func rotatedItHasASecretOfOursAndTheOldIsTakenForTheOverlap() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            _ = try await api.grant("acme_live_", to: ada.tenant, as: root)
            let old = ForeignToken("acme_live_")
            let id = try #require(try await api.take([old.item()], as: ada.accessToken).body.tokens[0].id.string)
            let rotated = try await api.post("/api/v1/tokens/\(id)/rotate", #"{"overlapSeconds":600}"#, as: ada.accessToken)
            #expect(rotated.status == 200)
            #expect(rotated.body.id.string == id)
            let fresh = try #require(rotated.body.token.string)
            #expect(fresh.hasPrefix("tsr_"))
            #expect(rotated.body.tokenPrefix.string == String(fresh.prefix(12)))
            for secret in [old.plain, fresh] { #expect(try await api.get("/api/v1/me", as: secret).body.tokenId.string == id) }
            #expect(try await api.get("/api/v1/tokens/self", as: old.plain).code == "forbidden")
            #expect(try await api.post("/api/v1/tokens/\(id)/rotate/finish", as: ada.accessToken).status == 200)
            let ended = try await api.get("/api/v1/me", as: old.plain)
            #expect(ended.code == "invalid_token")
            #expect(ended.body.detail.string?.contains("replaced") == true)
            #expect(try await api.get("/api/v1/me", as: fresh).status == 200)
            // What ended once doesn't come in by another import.
            let again = try await api.take([old.item()], as: ada.accessToken)
            #expect(again.body.errors.array.map(\.pointer.string) == ["/tokens/0/sha256"])
        }
    }

    @Test func aDeletedTokenLeavesNoHashBehind() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            _ = try await api.grant("acme_live_", to: ada.tenant, as: root)
            let old = ForeignToken("acme_live_")
            let id = try #require(try await api.take([old.item()], as: ada.accessToken).body.tokens[0].id.string)
            #expect(try await api.get("/api/v1/me", as: old.plain).status == 200)
            #expect(try await api.send("DELETE", "/api/v1/tokens/\(id)", as: ada.accessToken).status == 204)
            #expect(try await api.get("/api/v1/me", as: old.plain).body.detail.string == "The access token is unknown, malformed or no longer valid.")
            let connection = try await api.database.connect()
            let left = try await connection.query(
                """
                SELECT (SELECT count(*) FROM tessera.imported_tokens) + (SELECT count(*) FROM tessera.token_secrets)
                    + (SELECT count(*) FROM tessera.api_tokens WHERE token_hash IS NOT NULL)
                """
            ).decode(Int.self)
            #expect(left == [0])
            await connection.close()
        }
    }

    @Test func junkUnderThePrefixWritesNothing() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            _ = try await api.grant("acme_live_", to: ada.tenant, as: root)
            let old = ForeignToken("acme_live_")
            let id = try #require(try await api.take([old.item()], as: ada.accessToken).body.tokens[0].id.string)
            let connection = try await api.database.connect()
            func rows() async throws -> [Int] {
                try await connection.query(
                    """
                    SELECT (SELECT count(*) FROM tessera.api_token_usage) + (SELECT count(*) FROM tessera.token_events)
                        + (SELECT count(*) FROM tessera.audit_log) + (SELECT count(*) FROM tessera.token_activity)
                    """
                ).decode(Int.self)
            }
            let before = try await rows()
            for _ in 0..<200 { #expect(try await api.get("/api/v1/me", as: ForeignToken("acme_live_").plain).code == "invalid_token") }
            for junk in [String(old.plain.dropLast()), old.plain + "0", old.plain.uppercased(), "acme_live_"] {
                #expect(try await api.get("/api/v1/me", as: junk).code == "invalid_token")
            }
            // What is recorded is recorded in order: behind this one, the others would be there.
            #expect(try await api.get("/api/v1/me", as: old.plain).status == 200)
            #expect(try await api.usageTotal(of: id, as: ada.accessToken, reaches: 1) == 1)
            #expect(try await rows() == before.map { $0 + 2 })
            await connection.close()
        }
    }

    @Test func noForeignTokenIsInTheLog() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            _ = try await api.grant("acme_live_", to: ada.tenant, as: root)
            let old = ForeignToken("acme_live_")
            _ = try await api.take([old.item()], as: ada.accessToken)
            let reply = try await api.send("GET", "/api/v1/me", as: old.plain, headers: [("X-Request-Id", old.plain)])
            #expect(reply.status == 200)
            let id = try #require(reply.header("X-Request-Id"))
            try await eventually("the request is logged") { api.process.standardOutput.contains(id) }
            #expect(!api.process.standardOutput.contains(old.plain.dropFirst(10).prefix(12)))
            #expect(api.process.standardOutput.contains(#""clientRequestId":"[redacted]""#))
            #expect(!api.process.standardOutput.contains(old.hash))
        }
    }
}
