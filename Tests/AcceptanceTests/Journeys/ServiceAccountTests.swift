import Foundation
import Support
import Testing

/// Service accounts own tokens that outlast the people who made them.
@Suite struct ServiceAccountTests {
    @Test func anAccountIsMadeListedChangedAndDeleted() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let made = try await api.serviceAccount("ci", "member", as: ada.accessToken)
            #expect(made.status == 201)
            let id = try #require(made.body.id.string)
            #expect(made.header("Location") == "/api/v1/service-accounts/\(id)")
            #expect(made.body.names == ["createdAt", "createdBy", "id", "name", "role", "status", "updatedAt", "version"])
            #expect(made.body.createdBy.string == ada.user)
            #expect(try await api.serviceAccount("ci", "viewer", as: ada.accessToken).code == "name_taken")
            let second = try await api.serviceAccount("deploy", "viewer", as: ada.accessToken)
            let listed = try await api.get("/api/v1/service-accounts", as: ada.accessToken)
            #expect(listed.body.serviceAccounts.array == [second.body, made.body])
            #expect(try await api.get("/api/v1/service-accounts?q=DEP", as: ada.accessToken).body.serviceAccounts.array == [second.body])
            let path = "/api/v1/service-accounts/\(id)"
            let changed = try await api.send("PATCH", path, as: ada.accessToken, json: #"{"name":"builds","role":"viewer","status":"disabled"}"#)
            #expect(changed.status == 200)
            #expect([changed.body.name.string, changed.body.role.string, changed.body.status.string] == ["builds", "viewer", "disabled"])
            #expect(changed.body.version.int == 2)
            #expect(try await api.send("PATCH", path, as: ada.accessToken, json: #"{"status":"disabled"}"#).body.version.int == 2)
            for body in [#"{"status":"deleted"}"#, #"{"role":"king"}"#, #"{"role":null}"#, #"{"name":""}"#, #"{"id":"x"}"#] {
                #expect(try await api.send("PATCH", path, as: ada.accessToken, json: body).status == 422, "\(body)")
            }
            #expect(try await api.send("DELETE", path, as: ada.accessToken).status == 204)
            #expect(try await api.send("DELETE", path, as: ada.accessToken).status == 404)
            #expect(try await api.get(path, as: ada.accessToken).status == 404)
            #expect(try await api.serviceAccount("builds", "viewer", as: ada.accessToken).status == 201)
        }
    }

    @Test func itsTokensActForTheAccountAndDieWithIt() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let account = try #require(try await api.serviceAccount("ci", "member", as: ada.accessToken).body.id.string)
            let made = try await api.serviceToken(of: account, scopes: "\"write\"", as: ada.accessToken)
            #expect(made.status == 201)
            let (id, secret) = (try #require(made.body.id.string), try #require(made.body.token.string))
            #expect(secret.hasPrefix("tss_"))
            #expect(made.body.owner.type.string == "serviceAccount")
            #expect(made.body.owner.id.string == account)
            #expect(made.body.createdBy.id.string == ada.user)
            let me = try await api.get("/api/v1/me", as: secret)
            #expect(me.status == 200)
            #expect(me.body.id.string == account)
            #expect(me.body.email.isNull)
            #expect(me.body.name.string == "ci")
            #expect(me.body.role.string == "member")
            #expect(me.body.tokenType.string == "apiToken")
            #expect(try await api.usageTotal(of: id, as: ada.accessToken, reaches: 1) == 1)
            // It makes no token, for itself or others.
            #expect(try await api.post("/api/v1/tokens", #"{"name":"x","expiresInDays":1}"#, as: secret).code == "session_required")
            #expect(try await api.serviceToken(of: account, scopes: "\"read\"", as: secret).code == "session_required")
            #expect(try await api.get("/api/v1/tokens", as: secret).body.tokens.array.map(\.id.string) == [id])
            #expect(try await api.get("/api/v1/tokens?serviceAccountId=\(account)", as: ada.accessToken).body.tokens.array.map(\.id.string) == [id])
            #expect(try await api.get("/api/v1/tokens", as: ada.accessToken).body.tokens.array.isEmpty)

            let path = "/api/v1/service-accounts/\(account)"
            _ = try await api.send("PATCH", path, as: ada.accessToken, json: #"{"role":"viewer"}"#)
            #expect(try await api.get("/api/v1/me", as: secret).body.role.string == "viewer")
            _ = try await api.send("PATCH", path, as: ada.accessToken, json: #"{"status":"disabled"}"#)
            #expect(try await api.get("/api/v1/me", as: secret).code == "invalid_token")
            _ = try await api.send("PATCH", path, as: ada.accessToken, json: #"{"status":"active"}"#)
            #expect(try await api.get("/api/v1/me", as: secret).status == 200)
            #expect(try await api.send("DELETE", path, as: ada.accessToken).status == 204)
            #expect(try await api.get("/api/v1/me", as: secret).code == "invalid_token")
            #expect(try await api.get("/api/v1/tokens/\(id)", as: ada.accessToken).body.revokedReason.string == "service_account_deleted")
        }
    }

    @Test func nobodyReachesAboveThemselves() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "admin", name: "eve")
            let bob = try await api.join(ada, as: "member", name: "bob")
            #expect(try await api.serviceAccount("x", "owner", as: eve.accessToken).code == "forbidden")
            #expect(try await api.serviceAccount("x", "viewer", as: bob.accessToken).code == "forbidden")
            let above = try #require(try await api.serviceAccount("above", "owner", as: ada.accessToken).body.id.string)
            let path = "/api/v1/service-accounts/\(above)"
            #expect(try await api.send("PATCH", path, as: eve.accessToken, json: #"{"role":"viewer"}"#).code == "forbidden")
            #expect(try await api.send("DELETE", path, as: eve.accessToken).code == "forbidden")
            #expect(try await api.serviceToken(of: above, scopes: "\"read\"", as: eve.accessToken).code == "forbidden")
            // Its tokens get no more than its role, and a token raises nothing.
            let low = try #require(try await api.serviceAccount("low", "viewer", as: eve.accessToken).body.id.string)
            #expect(try await api.serviceToken(of: low, scopes: "\"admin\"", as: ada.accessToken).code == "forbidden")
            #expect(try await api.serviceToken(of: low, scopes: "\"read\"", as: bob.accessToken).code == "forbidden")
            let token = try await api.token(ada, scopes: ["admin"], more: #","expiresInDays":1"#)
            #expect(try await api.serviceAccount("x", "viewer", as: token.secret).code == "session_required")
            #expect(
                try await api.send("PATCH", "/api/v1/service-accounts/\(low)", as: token.secret, json: #"{"role":"member"}"#).code
                    == "session_required")
            #expect(try await api.send("PATCH", "/api/v1/service-accounts/\(low)", as: token.secret, json: #"{"status":"disabled"}"#).status == 200)
            #expect(
                try await api.send("PATCH", "/api/v1/service-accounts/\(low)", as: token.secret, json: #"{"status":"active"}"#).code
                    == "session_required")
            #expect(try await api.serviceToken(of: low, scopes: "\"read\"", as: ada.accessToken).code == "forbidden")
        }
    }

    @Test func onlyAnAdminsSessionSwitchesItsTokenOnAgain() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "admin", name: "eve")
            let account = try #require(try await api.serviceAccount("ci", "admin", as: ada.accessToken).body.id.string)
            let made = try await api.serviceToken(of: account, scopes: "\"admin\"", as: ada.accessToken)
            let (path, secret) = ("/api/v1/tokens/\(try #require(made.body.id.string))", try #require(made.body.token.string))
            #expect(try await api.send("PATCH", path, as: secret, json: #"{"isActive":false}"#).status == 200)
            #expect(try await api.get("/api/v1/me", as: secret).code == "invalid_token")
            let byToken = try await api.token(ada, scopes: ["admin"], more: #","expiresInDays":400"#)
            #expect(try await api.send("PATCH", path, as: byToken.secret, json: #"{"isActive":true}"#).code == "session_required")
            #expect(try await api.send("PATCH", path, as: eve.accessToken, json: #"{"isActive":true}"#).status == 200)
            #expect(try await api.get("/api/v1/me", as: secret).status == 200)
        }
    }

    /// Whoever left may still know the secrets of the tokens they made.
    @Test func tokensMadeByARemovedMemberAreListedForRotation() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "admin", name: "eve")
            let account = try #require(try await api.serviceAccount("ci", "member", as: ada.accessToken).body.id.string)
            let hers = try await api.serviceToken(of: account, scopes: "\"read\"", as: eve.accessToken)
            let adas = try await api.serviceToken(of: account, scopes: "\"read\"", as: ada.accessToken)
            let seen = try await api.serviceToken(of: account, scopes: "\"read\"", as: ada.accessToken)
            let rotated = try await api.post("/api/v1/tokens/\(try #require(seen.body.id.string))/rotate", as: eve.accessToken)
            #expect(rotated.status == 200)
            let query = "/api/v1/tokens?all=true&makerLeft=true"
            #expect(try await api.get(query, as: ada.accessToken).body.tokens.array.isEmpty)
            #expect(try await api.send("DELETE", "/api/v1/members/\(eve.user)", as: ada.accessToken).status == 204)
            let listed = try await api.get(query, as: ada.accessToken).body.tokens.array
            #expect(listed.map(\.id.string) == [seen.body.id.string, hers.body.id.string])
            _ = try await api.post("/api/v1/tokens/\(try #require(seen.body.id.string))/rotate", as: ada.accessToken)
            let rest = try await api.get(query, as: ada.accessToken).body.tokens.array.map(\.id.string)
            #expect(rest == [hers.body.id.string] && !rest.contains(adas.body.id.string))
            #expect(try await api.get("/api/v1/me", as: hers.body.token.string).status == 200)
        }
    }
}

extension RunningAPI {
    func serviceAccount(_ name: String, _ role: String, as credential: String) async throws -> Reply {
        try await post("/api/v1/service-accounts", #"{"name":"\#(name)","role":"\#(role)"}"#, as: credential)
    }

    /// - Parameter scopes: JSON strings with commas between them.
    func serviceToken(of account: String, scopes: String, as credential: String) async throws -> Reply {
        let name = UUID().uuidString
        return try await post(
            "/api/v1/tokens", #"{"name":"\#(name)","scopes":[\#(scopes)],"expiresInDays":90,"serviceAccountId":"\#(account)"}"#, as: credential)
    }
}
