import Foundation
import Postgres
import Support
import Testing

/// Who is in no tenant still has an account: they log in, make a tenant, or accept an invitation.
@Suite struct TenantlessTests {
    /// Somebody who has left the only tenant they were in.
    private func loner(_ api: RunningAPI) async throws -> (email: String, session: Reply) {
        let ada = try await api.register()
        #expect(try await api.send("DELETE", "/api/v1/tenant", as: ada.accessToken).status == 204)
        return (ada.email, try await api.post("/api/v1/auth/login", #"{"email":"\#(ada.email)","password":"correct horse battery"}"#))
    }

    @Test func onlyTheirOwnThingsWork() async throws {
        try await RunningAPI.with { api in
            let (email, session) = try await loner(api)
            #expect(session.status == 200)
            #expect(session.body.tenant.isNull)
            #expect(session.body.role.isNull)
            let access = try session.accessToken
            let me = try await api.get("/api/v1/me", as: access)
            #expect(me.status == 200)
            #expect(me.body.tenant.isNull)
            #expect(me.body.role.isNull)
            #expect(me.body.permissions.array.isEmpty)
            #expect(try await api.get("/api/v1/tenants", as: access).body.tenants.array.isEmpty)
            #expect(try await api.get("/api/v1/auth/sessions", as: access).body.sessions.array.count == 2)
            #expect(try await api.send("PATCH", "/api/v1/me", as: access, json: #"{"name":"Alone"}"#).body.name.string == "Alone")
            #expect(try await api.get("/api/v1/me/export", as: access).status == 200)
            for path in ["/api/v1/tenant", "/api/v1/members", "/api/v1/tokens", "/api/v1/invitations", "/api/v1/service-accounts"] {
                let refused = try await api.get(path, as: access)
                #expect(refused.status == 403, "\(path)")
                #expect(refused.code == "forbidden")
            }
            #expect(try await api.post("/api/v1/tokens", #"{"name":"x","expiresInDays":1}"#, as: access).code == "forbidden")
            let renewed = try await api.post("/api/v1/auth/refresh", #"{"refreshToken":"\#(try #require(session.body.refreshToken.string))"}"#)
            #expect(renewed.status == 200)
            #expect(renewed.body.tenant.isNull)
            let named = #"{"email":"\#(email)","password":"correct horse battery","tenant":"somewhere"}"#
            #expect(try await api.post("/api/v1/auth/login", named).code == "invalid_credentials")
            let fresh = try await api.post("/api/v1/auth/reauthenticate", #"{"password":"correct horse battery"}"#, as: access)
            #expect(fresh.status == 200)
            #expect(try await api.post("/api/v1/auth/logout", as: try fresh.accessToken).status == 204)
        }
    }

    @Test func theyMakeATenantAndGoThere() async throws {
        try await RunningAPI.with { api in
            let (_, session) = try await loner(api)
            let access = try session.accessToken
            let made = try await api.post("/api/v1/tenants", #"{"name":"Again"}"#, as: access)
            #expect(made.status == 201)
            let slug = try #require(made.body.slug.string)
            let there = try await api.post(
                "/api/v1/auth/refresh", #"{"refreshToken":"\#(try #require(session.body.refreshToken.string))","tenant":"\#(slug)"}"#)
            #expect(there.body.role.string == "owner")
            #expect(try await api.get("/api/v1/tenant", as: try there.accessToken).body.slug.string == slug)
        }
    }

    @Test func aSessionOfTheInvitedAddressIsProofEnough() async throws {
        try await RunningAPI.with { api in
            let (email, session) = try await loner(api)
            let bob = try await api.register("bob")
            #expect(try await api.post("/api/v1/invitations", #"{"email":"\#(email)","role":"member"}"#, as: bob.accessToken).status == 201)
            let secret = try await api.mailedSecret("You are invited", to: email)
            let body = #"{"secret":"\#(secret)"}"#
            // Somebody else's session is no proof, a token none at all, and a broken credential is told.
            #expect(try await api.post("/api/v1/invitations/accept", body, as: bob.accessToken).status == 422)
            let token = try await api.token(bob)
            #expect(try await api.post("/api/v1/invitations/accept", body, as: token.secret).code == "session_required")
            #expect(try await api.post("/api/v1/invitations/accept", body, as: "x").code == "invalid_token")
            let connection = try await api.database.connect()
            _ = try await connection.query("UPDATE tessera.sessions SET auth_time = now() - interval '1 hour'")
            await connection.close()
            let invited = try session.accessToken
            let accepted = try await api.post("/api/v1/invitations/accept", body, as: invited)
            #expect(accepted.status == 201)
            #expect(accepted.body.tenant.id.string == bob.tenant)
            #expect(accepted.body.role.string == "member")
            // No password was given, so the new session isn't fresh either.
            let access = try accepted.accessToken
            #expect(try await api.send("DELETE", "/api/v1/me", as: access).code == "reauthentication_required")
        }
    }

    @Test(arguments: ["invite", "closed"]) func accountsAreMadeAsTheOperatorAllows(policy: String) async throws {
        try await TestDatabase.with { database in
            defer { try? FileManager.default.removeItem(atPath: RunningAPI.mailbox(of: database)) }
            let open = try await RunningAPI.start(over: database)
            let ada = try await open.register()
            #expect(try await open.post("/api/v1/invitations", #"{"email":"new@example.com","role":"member"}"#, as: ada.accessToken).status == 201)
            let secret = try await open.mailedSecret("You are invited", to: "new@example.com")
            try await open.stop()
            let api = try await RunningAPI.start(over: database, ["TESSERA_AUTH_REGISTRATION": policy])
            let registration = #"{"email":"x@example.com","password":"correct horse battery","name":"x","tenantName":"x"}"#
            #expect(try await api.post("/api/v1/auth/register", registration).code == "forbidden")
            let accepted = try await api.post(
                "/api/v1/invitations/accept", #"{"secret":"\#(secret)","name":"New","password":"correct horse battery"}"#)
            #expect(accepted.status == (policy == "invite" ? 201 : 403))
            try await api.stop()
        }
    }
}
