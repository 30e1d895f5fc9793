import Foundation
import Postgres
import Support
import Testing

/// People change their own account, and what that ends.
@Suite struct AccountTests {
    @Test func anotherPasswordEndsEveryOtherSession() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let elsewhere = try await api.login(ada.email)
            let token = try await api.token(ada)
            let wrong = try await api.send(
                "PUT", "/api/v1/me/password", as: ada.accessToken, json: #"{"currentPassword":"wrong wrong","newPassword":"another horse battery"}"#)
            #expect(wrong.status == 401)
            #expect(wrong.code == "invalid_credentials")
            let change = #"{"currentPassword":"correct horse battery","newPassword":"another horse battery","revokeTokens":true}"#
            #expect(try await api.send("PUT", "/api/v1/me/password", as: ada.accessToken, json: change).status == 204)
            #expect(try await api.get("/api/v1/me", as: ada.accessToken).status == 200)
            #expect(try await api.get("/api/v1/me", as: elsewhere.accessToken).status == 401)
            #expect(try await api.post("/api/v1/auth/refresh", #"{"refreshToken":"\#(elsewhere.refreshToken)"}"#).status == 401)
            #expect(try await api.get("/api/v1/me", as: token.secret).status == 401)
            #expect(try await api.login(ada.email, "another horse battery").user == ada.user)
        }
    }

    @Test func sessionsAreListedAndEnded() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let (two, three) = (try await api.login(ada.email), try await api.login(ada.email))
            let listed = try await api.get("/api/v1/auth/sessions", as: three.accessToken)
            #expect(listed.body.pagination.total.int == 3)
            #expect(listed.body.sessions.array.map(\.current.bool) == [true, false, false])
            let oldest = try #require(listed.body.sessions.array.last?.id.string)
            #expect(try await api.send("DELETE", "/api/v1/auth/sessions/\(oldest)", as: three.accessToken).status == 204)
            #expect(try await api.send("DELETE", "/api/v1/auth/sessions/\(oldest)", as: three.accessToken).status == 404)
            #expect(try await api.get("/api/v1/me", as: ada.accessToken).status == 401)
            #expect(try await api.send("DELETE", "/api/v1/auth/sessions", as: three.accessToken).status == 204)
            #expect(try await api.get("/api/v1/me", as: two.accessToken).status == 401)
            #expect(try await api.get("/api/v1/me", as: three.accessToken).status == 200)
        }
    }

    @Test func reauthenticationTakesThePlaceOfTheSession() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            #expect(try await api.post("/api/v1/auth/reauthenticate", #"{"password":"wrong wrong"}"#, as: ada.accessToken).status == 401)
            let reply = try await api.post("/api/v1/auth/reauthenticate", #"{"password":"correct horse battery"}"#, as: ada.accessToken)
            let fresh = try Account(email: ada.email, reply)
            #expect(try await api.get("/api/v1/me", as: ada.accessToken).status == 401)
            #expect(try await api.get("/api/v1/me", as: fresh.accessToken).status == 200)
        }
    }

    @Test func aSessionThatIsNotFreshDeletesNothing() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let connection = try await api.database.connect()
            _ = try await connection.query("UPDATE tessera.sessions SET auth_time = now() - interval '16 minutes'")
            await connection.close()
            let reply = try await api.send("DELETE", "/api/v1/me", as: ada.accessToken)
            #expect(reply.status == 403)
            #expect(reply.code == "reauthentication_required")
            let fresh = try Account(
                email: ada.email,
                try await api.post("/api/v1/auth/reauthenticate", #"{"password":"correct horse battery"}"#, as: ada.accessToken))
            #expect(try await api.send("DELETE", "/api/v1/me", as: fresh.accessToken).code == "last_owner")
        }
    }

    @Test func aKnownDeviceLogsInWhileStrangersHaveUsedUpTheirGuesses() async throws {
        try await RunningAPI.with(["TESSERA_LIMITS_LOGIN": "5/900"]) { api in
            let ada = try await api.register()
            let first = try await api.post("/api/v1/auth/login", #"{"email":"\#(ada.email)","password":"correct horse battery"}"#)
            let device = try #require(first.body.deviceToken.string)
            let wrong = #"{"email":"\#(ada.email)","password":"wrong wrong"}"#
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 { group.addTask { try await api.post("/api/v1/auth/login", wrong).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 401 } == 5)
            #expect(statuses.count { $0 == 429 } == 35)
            #expect(try await api.post("/api/v1/auth/login", #"{"email":"\#(ada.email)","password":"correct horse battery"}"#).status == 429)
            // Another node, or the same after a restart, knows as much.
            let other = try await RunningAPI.start(over: api.database, ["TESSERA_LIMITS_LOGIN": "5/900"])
            #expect(try await other.post("/api/v1/auth/login", wrong).status == 429)
            let known = #"{"email":"\#(ada.email)","password":"correct horse battery","deviceToken":"\#(device)"}"#
            #expect(try await other.post("/api/v1/auth/login", known).status == 200)
            // The device got another one for the one it showed.
            #expect(try await other.post("/api/v1/auth/login", known).status == 429)
            try await other.stop()
        }
    }

    @Test func forgettingAPasswordTellsNothingAboutAnAccount() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            for email in [ada.email, "nobody@example.com"] {
                let reply = try await api.post("/api/v1/auth/password/forgot", #"{"email":"\#(email)"}"#)
                #expect(reply.status == 202)
                #expect(reply.bytes.isEmpty)
            }
            for secret in ["tsm_junk", String(repeating: "x", count: 80)] {
                let reply = try await api.post("/api/v1/auth/password/reset", #"{"secret":"\#(secret)","password":"another horse battery"}"#)
                #expect(reply.status == 401)
                #expect(reply.code == "invalid_token")
                #expect(try await api.post("/api/v1/auth/email/confirm", #"{"secret":"\#(secret)"}"#).status == 401)
            }
        }
    }

    @Test func ownDataIsExported() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let reply = try await api.get("/api/v1/me/export", as: ada.accessToken)
            #expect(reply.status == 200)
            #expect(reply.body.user.email.string == ada.email)
            #expect(reply.body.tenants.array.first?.role.string == "owner")
            #expect(reply.body.sessions.array.count == 1)
            let email = try await api.send("PATCH", "/api/v1/me", as: ada.accessToken, json: #"{"email":"new@example.com"}"#)
            #expect(email.status == 422)
            #expect(email.body.errors.array.first?.pointer.string == "/currentPassword")
            let both = #"{"email":"new@example.com","currentPassword":"correct horse battery","name":"Ada L."}"#
            let changed = try await api.send("PATCH", "/api/v1/me", as: ada.accessToken, json: both)
            #expect(changed.status == 200)
            #expect(changed.body.name.string == "Ada L.")
            #expect(changed.body.email.string == ada.email)
            #expect(try await api.get("/api/v1/me/export", as: ada.accessToken).body.pendingEmail.string == "new@example.com")
        }
    }
}

extension RunningAPI {
    fileprivate func login(_ email: String, _ password: String = "correct horse battery") async throws -> Account {
        try Account(email: email, try await post("/api/v1/auth/login", #"{"email":"\#(email)","password":"\#(password)"}"#))
    }
}
