import Foundation
import Support
import Testing

/// Services beside Tessera ask whether a token is good (RFC 7662).
@Suite struct IntrospectionTests {
    private func introspect(_ form: String, as credential: String, _ api: RunningAPI) async throws -> Reply {
        try await api.send(
            "POST", "/api/v1/introspect", as: credential, json: form, headers: [("Content-Type", "application/x-www-form-urlencoded")])
    }

    @Test func aLiveTokenIsDescribed() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let gateway = try await api.token(ada, scopes: ["introspect"])
            let token = try await api.token(ada, scopes: ["write", "app:orders", "self:rotate"], more: #","expiresInDays":9"#)
            let reply = try await introspect("token=\(token.secret)&token_type_hint=access_token", as: gateway.secret, api)
            #expect(reply.status == 200)
            #expect(reply.body.names == ["active", "client_id", "exp", "iat", "jti", "scope", "sub", "token_type"])
            #expect(reply.body.active.bool == true)
            #expect(reply.body.scope.string == "write app:orders self:rotate")
            #expect(reply.body.sub.string == ada.user)
            #expect(reply.body.jti.string == token.id)
            #expect(reply.body.token_type.string == "Bearer")
            #expect((reply.body.exp.int ?? 0) - (reply.body.iat.int ?? 0) == 9 * 86_400)
            #expect(reply.header("Cache-Control") == "no-store")
            // Looking at a token is no use of it.
            #expect(try await api.usageTotal(of: gateway.id, as: ada.accessToken, reaches: 1) == 1)
            #expect(try await api.get("/api/v1/tokens/\(token.id)/usage", as: ada.accessToken).body.pagination.total.int == 0)
        }
    }

    @Test func whatIsNoGoodIsJustInactive() async throws {
        try await RunningAPI.with { api in
            let (ada, bob) = (try await api.register("ada"), try await api.register("bob"))
            let gateway = try await api.token(ada, scopes: ["introspect"])
            let revoked = try await api.token(ada)
            _ = try await api.post("/api/v1/tokens/\(revoked.id)/revoke", as: ada.accessToken)
            let inactive = try await api.token(ada)
            _ = try await api.send("PATCH", "/api/v1/tokens/\(inactive.id)", as: ada.accessToken, json: #"{"isActive":false}"#)
            let foreign = try await api.token(bob)
            let bound = try await api.token(ada, more: #","allowedCidrs":["203.0.113.0/24"]"#)
            let rotated = try await api.token(ada)
            _ = try await api.post("/api/v1/tokens/\(rotated.id)/rotate", as: ada.accessToken)
            for form in [
                "token=\(revoked.secret)", "token=\(inactive.secret)", "token=\(foreign.secret)", "token=\(bound.secret)",
                "token=\(bound.secret)&client_ip=192.0.2.1", "token=\(rotated.secret)", "token=\(ada.accessToken)", "token=\(ada.refreshToken)",
                "token=", "token=nonsense", "token=\(gateway.secret.dropLast())",
            ] {
                let reply = try await introspect(form, as: gateway.secret, api)
                #expect(reply.status == 200, "\(form)")
                #expect(String(decoding: reply.bytes, as: UTF8.self) == #"{"active":false}"#, "\(form)")
            }
            #expect(try await introspect("token=\(bound.secret)&client_ip=203.0.113.9", as: gateway.secret, api).body.active.bool == true)
        }
    }

    @Test func theCallerNeedsThePermissionAndAForm() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let weak = try await api.token(ada, scopes: ["write"])
            let gateway = try await api.token(ada, scopes: ["admin"], more: #","expiresInDays":1"#)
            #expect(try await introspect("token=x", as: weak.secret, api).code == "insufficient_scope")
            #expect(try await introspect("token=x", as: ada.accessToken, api).status == 200)
            #expect(try await api.post("/api/v1/introspect", #"{"token":"x"}"#, as: gateway.secret).status == 415)
            for form in ["", "tok=x", "token=x&token=y", "token=x&client_ip=home", "token=x&scope=y", "token=%zz"] {
                #expect(try await introspect(form, as: gateway.secret, api).status == 422, "\(form)")
            }
        }
    }

    @Test func scopesAreWhatIsLeftNow() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "admin", name: "eve")
            let gateway = try await api.token(ada, scopes: ["introspect"])
            let token = try await api.token(eve, scopes: ["members:write", "app:x"], more: #","expiresInDays":9"#)
            func scope() async throws -> String? { try await introspect("token=\(token.secret)", as: gateway.secret, api).body.scope.string }
            #expect(try await scope() == "members:write app:x")
            _ = try await api.send("PATCH", "/api/v1/members/\(eve.user)", as: ada.accessToken, json: #"{"role":"member"}"#)
            #expect(try await scope() == "members:read app:x")
            _ = try await api.send("PATCH", "/api/v1/members/\(eve.user)", as: ada.accessToken, json: #"{"role":"viewer"}"#)
            #expect(try await scope() == "members:read")
        }
    }
}
