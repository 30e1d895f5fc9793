import Foundation
import Postgres
import Support
import Testing

/// Whoever gets their account back has it alone: nothing that was begun before undoes a new password.
@Suite struct TakeoverTests {
    private static let password = "correct horse battery"

    /// Asks for another e-mail, as somebody would who has got hold of the password; answers the secret mailed there.
    private func askForAnotherEmail(_ account: Account, _ api: RunningAPI) async throws -> String {
        let change = #"{"email":"other@example.com","currentPassword":"\#(Self.password)"}"#
        #expect(try await api.send("PATCH", "/api/v1/me", as: account.accessToken, json: change).status == 200)
        return try await api.mailedSecret("Confirm your e-mail", to: "other@example.com")
    }

    @Test(arguments: ["change", "reset", "own address"]) func aWishForAnotherEmailEndsWithANewPasswordOrWhenItIsTakenBack(by end: String) async throws
    {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let secret = try await askForAnotherEmail(ada, api)
            switch end {
            case "change":
                let change = #"{"currentPassword":"\#(Self.password)","newPassword":"another horse battery"}"#
                #expect(try await api.send("PUT", "/api/v1/me/password", as: ada.accessToken, json: change).status == 204)
            case "reset":
                _ = try await api.post("/api/v1/auth/password/forgot", #"{"email":"\#(ada.email)"}"#)
                let reset = try await api.mailedSecret("Reset your password", to: ada.email)
                let body = #"{"secret":"\#(reset)","password":"another horse battery"}"#
                #expect(try await api.post("/api/v1/auth/password/reset", body).status == 204)
            default:
                #expect(try await api.send("PATCH", "/api/v1/me", as: ada.accessToken, json: #"{"email":"\#(ada.email)"}"#).status == 200)
            }
            #expect(try await api.post("/api/v1/auth/email/confirm", #"{"secret":"\#(secret)"}"#).code == "invalid_token")
            let password = end == "own address" ? Self.password : "another horse battery"
            #expect(try await api.post("/api/v1/auth/login", #"{"email":"\#(ada.email)","password":"\#(password)"}"#).status == 200)
        }
    }

    @Test func aResetThatWasMailedToAnEarlierAddressIsDead() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let confirmation = try await askForAnotherEmail(ada, api)
            _ = try await api.post("/api/v1/auth/password/forgot", #"{"email":"\#(ada.email)"}"#)
            let reset = try await api.mailedSecret("Reset your password", to: ada.email)
            #expect(try await api.post("/api/v1/auth/email/confirm", #"{"secret":"\#(confirmation)"}"#).status == 204)
            let body = #"{"secret":"\#(reset)","password":"another horse battery"}"#
            #expect(try await api.post("/api/v1/auth/password/reset", body).code == "invalid_token")
        }
    }

    @Test func aLostConfirmationIsMailedAgain() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            _ = try await api.mail("Confirm your e-mail", to: ada.email)
            let connection = try await api.database.connect()
            _ = try await connection.query("UPDATE tessera.one_time_secrets SET expires_at = now()")
            #expect(try await api.send("PATCH", "/api/v1/me", as: ada.accessToken, json: #"{"email":"\#(ada.email)"}"#).status == 200)
            try await eventually("another mail") { try api.mails.count { $0.contains("Confirm your e-mail") } == 2 }
            let live = try await connection.query("SELECT count(*) FROM tessera.one_time_secrets WHERE expires_at > now()").decode(Int.self)
            #expect(live == [1])
            await connection.close()
        }
    }

    @Test func aDeletedPersonDoesNotComeBack() async throws {
        try await RunningAPI.with { api in
            let root = try await api.platformAdmin()
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "member", name: "eve")
            let connection = try await api.database.connect()
            _ = try await connection.query("UPDATE tessera.memberships SET role = 'member' WHERE user_id = \(eve.user)::text::uuid")
            await connection.close()
            #expect(try await api.send("DELETE", "/api/v1/me", as: eve.accessToken).status == 204)
            let path = "/api/v1/admin/users/\(eve.user)"
            #expect(try await api.send("PATCH", path, as: root.accessToken, json: #"{"status":"active"}"#).status == 404)
            #expect(try await api.send("PUT", path + "/platform-admin", as: root.accessToken).status == 404)
            let users = try await api.get("/api/v1/admin/users", as: root.accessToken).body.users.array
            #expect(!users.contains { $0.id.string == eve.user })
        }
    }

    @Test func aSlugIsNoId() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let refused = try await api.post("/api/v1/tenants", #"{"name":"x","slug":"\#(ada.tenant)"}"#, as: ada.accessToken)
            #expect(refused.status == 422)
            #expect(refused.body.errors[0].pointer.string == "/slug")
        }
    }

    /// A new password that revokes tokens, and an admin who revokes one of them: neither waits for the other for ever.
    @Test func revokingFromTwoSidesDoesNotDeadlock() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "member", name: "eve")
            var password = Self.password
            for round in 0..<8 {
                let tokens = [try await api.token(eve), try await api.token(eve), try await api.token(eve)]
                let next = "\(round) horses and a battery"
                let change = #"{"currentPassword":"\#(password)","newPassword":"\#(next)","revokeTokens":true}"#
                password = next
                try await withThrowingTaskGroup(of: Int.self) { group in
                    group.addTask { try await api.send("PUT", "/api/v1/me/password", as: eve.accessToken, json: change).status }
                    for _ in 0..<6 {
                        for token in tokens { group.addTask { try await api.post("/api/v1/tokens/\(token.id)/revoke", as: ada.accessToken).status } }
                    }
                    for try await status in group { #expect([200, 204].contains(status), "round \(round)") }
                }
            }
        }
    }
}
