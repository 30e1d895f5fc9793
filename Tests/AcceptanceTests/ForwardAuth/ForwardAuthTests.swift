import Foundation
import Support
import Testing

/// A proxy asks whether the request in its hands may pass.
@Suite struct ForwardAuthTests {
    private static let trusted = ["TESSERA_HTTP_TRUSTED_PROXIES": "127.0.0.0/8"]

    @Test func whoMayPassIsToldOfInHeaders() async throws {
        try await RunningAPI.with(Self.trusted) { api in
            let ada = try await api.register()
            let token = try await api.token(ada, scopes: ["data:read", "app:orders"])
            let passed = try await api.send("GET", "/api/v1/authorize/orders/7?page=2".replacing("?page=2", with: ""), as: token.secret)
            #expect(passed.status == 204)
            #expect(passed.header("X-Tessera-Tenant") == ada.tenant)
            #expect(passed.header("X-Tessera-User") == ada.user)
            #expect(passed.header("X-Tessera-Role") == "owner")
            #expect(passed.header("X-Tessera-Scopes") == "data:read app:orders")
            #expect(passed.header("X-Tessera-Token-Id") == token.id)
            let session = try await api.get("/api/v1/authorize", as: ada.accessToken)
            #expect(session.header("X-Tessera-Token-Id") == "-")
            #expect(session.header("X-Tessera-Scopes") == "read write admin")
            #expect(try await api.get("/api/v1/authorize").status == 401)
        }
    }

    @Test func lookingAndChangingTakeTheirOwnScopes() async throws {
        try await RunningAPI.with(Self.trusted) { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "viewer", name: "eve")
            let reader = try await api.token(ada, scopes: ["read"])
            let writer = try await api.token(ada, scopes: ["data:write"])
            for (method, isChange) in [
                ("GET", false), ("HEAD", false), ("POST", true), ("PUT", true), ("PATCH", true), ("DELETE", true), ("OPTIONS", true),
            ] {
                for path in ["/api/v1/authorize", "/api/v1/authorize/orders"] {
                    #expect(try await api.send(method, path, as: reader.secret).status == (isChange ? 403 : 204), "\(method) \(path)")
                    #expect(try await api.send(method, path, as: writer.secret).status == 204, "\(method) \(path)")
                    #expect(try await api.send(method, path, as: eve.accessToken).status == (isChange ? 403 : 204), "\(method) \(path)")
                    #expect(try await api.send(method, path).status == 401, "\(method) \(path)")
                }
                let asked = try await api.send(
                    "GET", "/api/v1/authorize", as: reader.secret, headers: [("X-Original-Method", method), ("X-Original-URI", "/orders?x=1")])
                #expect(asked.status == (isChange ? 403 : 204), "\(method)")
                let alike = try await api.send(
                    "GET", "/api/v1/authorize", as: reader.secret, headers: [("X-Forwarded-Method", method), ("X-Forwarded-Uri", "/orders")])
                #expect(alike.status == (isChange ? 403 : 204), "\(method)")
            }
            // Named scopes in the place of those.
            let orders = try await api.token(ada, scopes: ["app:orders", "tokens:read"])
            for (scope, status) in [
                ("app:orders", 204), ("app:orders%20tokens:read", 204), ("app:other", 403), ("app:orders+read", 403), ("", 422), ("fly", 422),
            ] {
                #expect(try await api.send("DELETE", "/api/v1/authorize?scope=\(scope)", as: orders.secret).status == status, "\(scope)")
            }
            #expect(try await api.get("/api/v1/authorize", as: orders.secret).code == "insufficient_scope")
        }
    }

    @Test func useIsRecordedWithTheOriginalRequest() async throws {
        try await RunningAPI.with(Self.trusted) { api in
            let ada = try await api.register()
            let token = try await api.token(ada, scopes: ["read"])
            for (method, uri) in [("GET", "/orders/7?secret=1"), ("DELETE", "/orders/8#x")] {
                _ = try await api.send(
                    "GET", "/api/v1/authorize?for=nginx", as: token.secret,
                    headers: [("X-Original-Method", method), ("X-Original-URI", uri), ("X-Forwarded-For", "203.0.113.7")])
            }
            #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: 2) == 2)
            let usage = try await api.get("/api/v1/tokens/\(token.id)/usage", as: ada.accessToken).body.usage.array
            let lines = usage.map {
                "\($0.method.string ?? "") \($0.endpoint.string ?? "") \($0.responseStatus.int ?? 0) \($0.ipAddress.string ?? "")"
            }
            #expect(lines == ["DELETE /orders/8 403 203.0.113.7", "GET /orders/7 204 203.0.113.7"])
        }
    }

    @Test func onlyATrustedProxySpeaksForOthers() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let writer = try await api.token(ada, scopes: ["write"])
            for headers in [[("X-Original-Method", "GET"), ("X-Original-URI", "/")], [("X-Forwarded-Method", "GET")], [("X-Forwarded-Uri", "/")]] {
                #expect(try await api.send("GET", "/api/v1/authorize", as: writer.secret, headers: headers).code == "forbidden")
            }
        }
        try await RunningAPI.with(Self.trusted) { api in
            let ada = try await api.register()
            let writer = try await api.token(ada, scopes: ["write"])
            // Half a request is none: a change must not pass for a look.
            for headers in [[("X-Original-URI", "/")], [("X-Original-Method", "POST")]] {
                #expect(try await api.send("GET", "/api/v1/authorize", as: writer.secret, headers: headers).code == "invalid_request")
            }
        }
    }

    @Test func nginxHearsTwoKindsOfNo() async throws {
        try await RunningAPI.with(Self.trusted.merging(["TESSERA_LIMITS_TOKEN": "1/60"]) { $1 }) { api in
            let ada = try await api.register()
            let token = try await api.token(ada, scopes: ["read"])
            func ask(_ credential: String?, _ query: String = "?for=nginx") async throws -> Reply {
                try await api.get("/api/v1/authorize" + query, as: credential)
            }
            #expect(try await ask(token.secret).status == 204)
            let limited = try await ask(token.secret)
            #expect(limited.status == 403)
            #expect(limited.header("X-Tessera-Code") == "quota_exceeded")
            #expect(limited.header("Retry-After") != nil)
            #expect(try await ask(token.secret, "").status == 429)
            let anonymous = try await ask(nil)
            #expect(anonymous.status == 401)
            #expect(anonymous.header("X-Tessera-Code") == "authentication_required")
            #expect(anonymous.header("WWW-Authenticate") != nil)
            let other = try await api.token(ada, scopes: ["members:read"])
            let refused = try await ask(other.secret)
            #expect(refused.status == 403)
            #expect(refused.header("X-Tessera-Code") == "insufficient_scope")
        }
    }
}
