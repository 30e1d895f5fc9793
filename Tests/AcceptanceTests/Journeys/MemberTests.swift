import Foundation
import Testing

/// Who is in a tenant, and as what, is changed by those above them.
@Suite struct MemberTests {
    @Test func aRoleIsChanged() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "member", name: "eve")
            let changed = try await api.setRole(of: eve.user, "admin", as: ada.accessToken)
            #expect(changed.status == 200)
            #expect(changed.body.names == ["email", "joinedAt", "name", "role", "userId"])
            #expect(changed.body.role.string == "admin")
            #expect(try await api.get("/api/v1/me", as: eve.accessToken).body.role.string == "admin")
            let unknown = try await api.setRole(of: UUID().uuidString, "viewer", as: ada.accessToken)
            #expect(unknown.status == 404)
            for body in ["{}", #"{"role":null}"#, #"{"role":"king"}"#, #"{"role":1}"#, #"{"role":"viewer","name":"x"}"#] {
                #expect(try await api.send("PATCH", "/api/v1/members/\(eve.user)", as: ada.accessToken, json: body).status == 422, "\(body)")
            }
        }
    }

    @Test func nobodyReachesAboveThemselves() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "admin", name: "eve")
            let bob = try await api.join(ada, as: "member", name: "bob")
            for (user, role) in [(bob.user, "owner"), (eve.user, "owner"), (ada.user, "viewer")] {
                #expect(try await api.setRole(of: user, role, as: eve.accessToken).code == "forbidden", "\(role)")
            }
            #expect(try await api.send("DELETE", "/api/v1/members/\(ada.user)", as: eve.accessToken).code == "forbidden")
            #expect(try await api.send("DELETE", "/api/v1/members/\(eve.user)", as: bob.accessToken).code == "forbidden")
            #expect(try await api.setRole(of: bob.user, "admin", as: eve.accessToken).status == 200)
        }
    }

    @Test func raisingTakesASession() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "member", name: "eve")
            let token = try await api.token(ada, scopes: ["members:write"])
            #expect(try await api.setRole(of: eve.user, "admin", as: token.secret).code == "session_required")
            #expect(try await api.setRole(of: eve.user, "viewer", as: token.secret).status == 200)
            #expect(try await api.setRole(of: eve.user, "member", as: token.secret).code == "session_required")
            #expect(try await api.send("DELETE", "/api/v1/members/\(eve.user)", as: token.secret).status == 204)
            #expect(try await api.send("DELETE", "/api/v1/members/\(eve.user)", as: token.secret).status == 404)
        }
    }

    @Test func aRemovedMembersSessionAndTokensEnd() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "admin", name: "eve")
            let token = try await api.token(eve)
            #expect(try await api.send("DELETE", "/api/v1/members/\(eve.user)", as: ada.accessToken).status == 204)
            #expect(try await api.get("/api/v1/me", as: eve.accessToken).status == 401)
            #expect(try await api.get("/api/v1/me", as: token.secret).status == 401)
            let shown = try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken)
            #expect(shown.body.status.string == "revoked")
            #expect(shown.body.revokedReason.string == "member_removed")
            #expect(try await api.get("/api/v1/members", as: ada.accessToken).body.members.array.map(\.userId.string) == [ada.user])
        }
    }

    @Test(arguments: ["viewer", "owner"]) func anyoneLeaves(role: String) async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: role, name: "eve")
            let token = try await api.token(eve, scopes: ["read"])
            let refused = try await api.send("DELETE", "/api/v1/members/me", as: token.secret)
            #expect(refused.code == (role == "owner" ? "insufficient_scope" : "forbidden"))
            if role == "owner" {
                let strong = try await api.token(eve, scopes: ["admin"], more: #","expiresInDays":1"#)
                #expect(try await api.send("DELETE", "/api/v1/members/me", as: strong.secret).code == "session_required")
            }
            #expect(try await api.send("DELETE", "/api/v1/members/me", as: eve.accessToken).status == 204)
            #expect(try await api.get("/api/v1/me", as: eve.accessToken).status == 401)
            #expect(try await api.get("/api/v1/me", as: token.secret).status == 401)
        }
    }

    @Test func aDisabledOwnerIsNoneForWhoLeaves() async throws {
        try await RunningAPI.with { api in
            let root = try await api.platformAdmin()
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "owner", name: "eve")
            let path = "/api/v1/admin/users/\(eve.user)"
            #expect(try await api.send("PATCH", path, as: root.accessToken, json: #"{"status":"disabled"}"#).status == 200)
            #expect(try await api.send("DELETE", "/api/v1/members/me", as: ada.accessToken).code == "last_owner")
            #expect(try await api.send("DELETE", "/api/v1/me", as: ada.accessToken).code == "last_owner")
            #expect(try await api.send("PATCH", path, as: root.accessToken, json: #"{"status":"active"}"#).status == 200)
            #expect(try await api.send("DELETE", "/api/v1/members/me", as: ada.accessToken).status == 204)
        }
    }

    @Test func theLastOwnerStays() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "admin", name: "eve")
            for id in ["me", ada.user] {
                let leaving = try await api.send("DELETE", "/api/v1/members/\(id)", as: ada.accessToken)
                #expect(leaving.status == 409)
                #expect(leaving.code == "last_owner")
                #expect(try await api.setRole(of: id, "admin", as: ada.accessToken).code == "last_owner")
            }
            #expect(try await api.setRole(of: eve.user, "owner", as: ada.accessToken).status == 200)
            #expect(try await api.setRole(of: "me", "admin", as: ada.accessToken).status == 200)
            #expect(try await api.send("DELETE", "/api/v1/members/me", as: ada.accessToken).status == 204)
            #expect(try await api.send("DELETE", "/api/v1/members/me", as: eve.accessToken).code == "last_owner")
        }
    }
}

extension RunningAPI {
    fileprivate func setRole(of user: String, _ role: String, as credential: String) async throws -> Reply {
        try await send("PATCH", "/api/v1/members/\(user)", as: credential, json: #"{"role":"\#(role)"}"#)
    }
}
