import Foundation
import Support
import Testing

/// Tokens are bound by scopes, expiry, networks and limits of their own, and only their owner loosens what binds them.
@Suite struct TokenBoundsTests {
    @Test func aTokenWorksFromItsNetworksOnly() async throws {
        try await RunningAPI.with(["TESSERA_HTTP_TRUSTED_PROXIES": "127.0.0.0/8,10.0.0.0/8", "TESSERA_LIMITS_TOKEN": "2/3600"]) { api in
            let ada = try await api.register()
            let token = try await api.token(ada, more: #","allowedCidrs":["203.0.113.0/24","::ffff:198.51.100.0/120","2001:db8::/32"]"#)
            let shown = try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken).body.allowedCidrs.array.map(\.string)
            #expect(shown == ["203.0.113.0/24", "198.51.100.0/24", "2001:db8::/32"])
            func status(_ forwarded: String?) async throws -> Reply {
                try await api.send("GET", "/api/v1/me", as: token.secret, headers: forwarded.map { [("X-Forwarded-For", $0)] } ?? [])
            }
            // Refused addresses use no quota up: of two, two are left.
            for forwarded in [nil, "192.0.2.1", "203.0.113.7, 192.0.2.1", "203.0.113.7, nonsense", "203.0.113.7, 10.0.0.5, 192.0.2.9", "x"] {
                let refused = try await status(forwarded)
                #expect(refused.status == 403, "\(forwarded ?? "-")")
                #expect(refused.code == "network_not_allowed")
            }
            #expect(try await status("192.0.2.1, 203.0.113.7, 10.0.0.5").status == 200)
            #expect(try await status("::ffff:198.51.100.9").status == 200)
            #expect(try await status("2001:db8::7").code == "quota_exceeded")
            // The log shows where they really came from.
            #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: 9) == 9)
            let addresses = try await api.get("/api/v1/tokens/\(token.id)/usage", as: ada.accessToken).body.usage.array.map(\.ipAddress.string)
            #expect(Set(addresses) == ["127.0.0.1", "192.0.2.1", "192.0.2.9", "203.0.113.7", "198.51.100.9", "2001:db8::7"])
        }
    }

    @Test func withoutTrustedProxiesTheHeaderSaysNothing() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada, more: #","allowedCidrs":["203.0.113.0/24"]"#)
            let forged = try await api.send("GET", "/api/v1/me", as: token.secret, headers: [("X-Forwarded-For", "203.0.113.7")])
            #expect(forged.code == "network_not_allowed")
        }
    }

    @Test func aLimitOfItsOwnNarrowsAndNeverWidens() async throws {
        try await RunningAPI.with(["TESSERA_LIMITS_TOKEN": "5/60"]) { api in
            let ada = try await api.register()
            let narrow = try await api.token(ada, more: #","rateLimit":{"requests":2,"windowSeconds":60}"#)
            let wide = try await api.token(ada, more: #","rateLimit":{"requests":500,"windowSeconds":60}"#)
            #expect(try await api.get("/api/v1/me", as: narrow.secret).header("RateLimit-Policy") == #""token";q=2;w=60"#)
            #expect(try await api.get("/api/v1/me", as: narrow.secret).status == 200)
            #expect(try await api.get("/api/v1/me", as: narrow.secret).status == 429)
            #expect(try await api.get("/api/v1/me", as: wide.secret).header("RateLimit-Policy") == #""token";q=5;w=60"#)
            let cleared = try await api.send("PATCH", "/api/v1/tokens/\(narrow.id)", as: ada.accessToken, json: #"{"rateLimit":null}"#)
            #expect(cleared.body.rateLimit.isNull)
            #expect(try await api.get("/api/v1/me", as: narrow.secret).header("RateLimit-Policy") == #""token";q=5;w=60"#)
        }
    }

    @Test func onlyTheOwnerWidens() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "member", name: "eve")
            let made = try await api.post(
                "/api/v1/tokens",
                #"{"name":"x","scopes":["write"],"expiresInDays":10,"allowedCidrs":["127.0.0.0/8"],"rateLimit":{"requests":9,"windowSeconds":60}}"#,
                as: eve.accessToken)
            let path = "/api/v1/tokens/\(try #require(made.body.id.string))"
            func change(_ body: String, as credential: String) async throws -> Reply {
                try await api.send("PATCH", path, as: credential, json: body)
            }
            let wider = [
                #"{"scopes":["write","app:x"]}"#, #"{"expiresAt":null}"#, #"{"expiresAt":"2027-12-01T00:00:00Z"}"#, #"{"allowedCidrs":[]}"#,
                #"{"allowedCidrs":["127.0.0.0/8","10.0.0.0/8"]}"#, #"{"rateLimit":null}"#, #"{"rateLimit":{"requests":10,"windowSeconds":60}}"#,
            ]
            for body in wider { #expect(try await change(body, as: ada.accessToken).code == "forbidden", "\(body)") }
            // Its own narrowing and others' with the permission, by sessions and tokens.
            #expect(try await change(#"{"scopes":["read"]}"#, as: ada.accessToken).body.scopes[0].string == "read")
            #expect(try await change(#"{"rateLimit":{"requests":8,"windowSeconds":60}}"#, as: ada.accessToken).status == 200)
            for body in wider { #expect(try await change(body, as: eve.accessToken).status == 200, "\(body)") }
            // Never past the role, nor past the token that asks.
            #expect(try await change(#"{"scopes":["admin"]}"#, as: eve.accessToken).code == "forbidden")
            let weak = try await api.token(eve, scopes: ["tokens:write"], more: #","expiresInDays":5"#)
            _ = try await change(#"{"scopes":["tokens:write"],"expiresAt":"2026-11-23T00:00:00Z"}"#, as: eve.accessToken)
            #expect(try await change(#"{"scopes":["tokens:read"]}"#, as: weak.secret).status == 200)
            for body in [#"{"scopes":["read"]}"#, #"{"expiresAt":"2027-12-01T00:00:00Z"}"#, #"{"expiresAt":null}"#] {
                #expect(try await change(body, as: weak.secret).code == "forbidden", "\(body)")
            }
        }
    }

    @Test func whatCannotBindIsRefused() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            for (body, pointer) in [
                (#""allowedCidrs":["10.0.0.1/8"]"#, "/allowedCidrs/0"), (#""allowedCidrs":["0.0.0.0/0"]"#, "/allowedCidrs/0"),
                (#""allowedCidrs":["::/0"]"#, "/allowedCidrs/0"), (#""allowedCidrs":["fe80::1%eth0"]"#, "/allowedCidrs/0"),
                (#""allowedCidrs":["10.0.0.0/8","10.0.0.0/8"]"#, "/allowedCidrs/1"), (#""allowedCidrs":"10.0.0.0/8""#, "/allowedCidrs"),
                (#""rateLimit":{"requests":0,"windowSeconds":60}"#, "/rateLimit/requests"),
                (#""rateLimit":{"requests":5}"#, "/rateLimit/windowSeconds"),
                (#""rateLimit":{"requests":5,"windowSeconds":60,"burst":1}"#, "/rateLimit/burst"), (#""rateLimit":5"#, "/rateLimit"),
                (#""scopes":["app:UPPER"]"#, "/scopes/0"), (#""scopes":["read","read"]"#, "/scopes/1"), (#""scopes":[]"#, "/scopes"),
                (#""expiresAt":"2026-02-30T00:00:00Z""#, "/expiresAt"), (#""expiresAt":"2020-01-01T00:00:00Z""#, "/expiresAt"),
                (#""expiresAt":"9999-01-01T00:00:00Z""#, "/expiresAt"),
            ] {
                for reply in [
                    try await api.post("/api/v1/tokens", #"{"name":"y",\#(body)}"#, as: ada.accessToken),
                    try await api.send("PATCH", "/api/v1/tokens/\(token.id)", as: ada.accessToken, json: "{\(body)}"),
                ] {
                    #expect(reply.status == 422, "\(body)")
                    #expect(reply.body.errors[0].pointer.string == pointer, "\(body) \(reply.body)")
                }
            }
        }
    }
}
