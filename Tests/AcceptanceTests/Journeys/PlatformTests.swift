import Foundation
import Postgres
import Support
import Testing

/// Platform administrators look after all tenants and people.
@Suite struct PlatformTests {
    @Test func anOperatorMakesTheFirstAdministrator() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            #expect(try await api.get("/api/v1/admin/users", as: ada.accessToken).code == "forbidden")
            let made = try await api.createAdmin(ada.email)
            #expect(made.code == 0)
            #expect(
                made.output
                    == "\(ada.email) is a platform administrator now.\nThat address was never confirmed: make sure that the account is theirs.\n")
            #expect(try await api.createAdmin(ada.email).output == "\(ada.email) is a platform administrator already.\n")
            #expect(try await api.get("/api/v1/me", as: ada.accessToken).body.isPlatformAdmin.bool == true)
            let users = try await api.get("/api/v1/admin/users?isPlatformAdmin=true", as: ada.accessToken)
            #expect(users.body.users.array.map(\.id.string) == [ada.user])
            #expect(users.body.users[0].names == ["createdAt", "email", "emailVerified", "id", "isPlatformAdmin", "name", "status"])
            let faulty = try await api.createAdmin("nobody")
            #expect(faulty.code != 0)
            #expect(faulty.errors.contains("--email must be an e-mail address"))
        }
    }

    @Test func anAdministratorWithoutAnAccountSetsAPasswordByMailAndIsInNoTenant() async throws {
        try await RunningAPI.with { api in
            #expect(try await api.createAdmin("root@example.com").code == 0)
            let login = #"{"email":"root@example.com","password":"correct horse battery"}"#
            #expect(try await api.post("/api/v1/auth/login", login).status == 401)
            let secret = try await api.mailedSecret("Reset your password", to: "root@example.com")
            #expect(try await api.post("/api/v1/auth/password/reset", #"{"secret":"\#(secret)","password":"correct horse battery"}"#).status == 204)
            let session = try await api.post("/api/v1/auth/login", login)
            #expect(session.status == 200)
            #expect(session.body.tenant.isNull)
            #expect(session.body.role.isNull)
            let access = try session.accessToken
            #expect(try await api.get("/api/v1/admin/tenants", as: access).status == 200)
            #expect(try await api.get("/api/v1/tenant", as: access).code == "forbidden")
        }
    }

    @Test func aDisabledPersonIsOutAtOnceAndTheirSessionsStayEnded() async throws {
        try await RunningAPI.with { api in
            let root = try await api.platformAdmin()
            let ada = try await api.register()
            let token = try await api.token(ada)
            let path = "/api/v1/admin/users/\(ada.user)"
            let disabled = try await api.send("PATCH", path, as: root.accessToken, json: #"{"status":"disabled"}"#)
            #expect(disabled.status == 200)
            #expect(disabled.body.status.string == "disabled")
            for credential in [ada.accessToken, token.secret] { #expect(try await api.get("/api/v1/me", as: credential).code == "invalid_token") }
            let login = #"{"email":"\#(ada.email)","password":"correct horse battery"}"#
            #expect(try await api.post("/api/v1/auth/login", login).code == "invalid_credentials")
            #expect(try await api.send("PATCH", path, as: root.accessToken, json: #"{"status":"active"}"#).status == 200)
            #expect(try await api.get("/api/v1/me", as: ada.accessToken).code == "invalid_token")
            #expect(try await api.post("/api/v1/auth/refresh", #"{"refreshToken":"\#(ada.refreshToken)"}"#).code == "invalid_token")
            #expect(try await api.get("/api/v1/me", as: token.secret).status == 200)
            #expect(try await api.post("/api/v1/auth/login", login).status == 200)
            #expect(try await api.send("PATCH", path, as: root.accessToken, json: #"{"status":"gone"}"#).status == 422)
        }
    }

    @Test func aSuspendedTenantIsClosedAtOnceAndGoesOnLater() async throws {
        try await RunningAPI.with { api in
            let root = try await api.platformAdmin()
            let ada = try await api.register()
            let token = try await api.token(ada)
            let path = "/api/v1/admin/tenants/\(ada.tenant)"
            #expect(try await api.send("PATCH", path, as: root.accessToken, json: #"{"status":"suspended"}"#).body.status.string == "suspended")
            for credential in [ada.accessToken, token.secret] {
                for route in ["/api/v1/me", "/api/v1/tenant", "/api/v1/tokens"] {
                    let reply = try await api.get(route, as: credential)
                    #expect(reply.status == 403)
                    #expect(reply.code == "tenant_suspended", "\(route)")
                }
            }
            // Out of it, or into another, one gets all the same.
            let tenants = try await api.get("/api/v1/tenants", as: ada.accessToken)
            #expect(tenants.body.tenants[0].status.string == "suspended")
            let login = try await api.post("/api/v1/auth/login", #"{"email":"\#(ada.email)","password":"correct horse battery"}"#)
            #expect(login.status == 200)
            #expect(try await api.get("/api/v1/auth/sessions", as: ada.accessToken).status == 200)
            #expect(try await api.post("/api/v1/auth/logout", as: try login.accessToken).status == 204)
            #expect(try await api.send("PATCH", path, as: root.accessToken, json: #"{"status":"active"}"#).status == 200)
            for credential in [ada.accessToken, token.secret] { #expect(try await api.get("/api/v1/me", as: credential).status == 200) }
            #expect(try await api.send("PATCH", path, as: root.accessToken, json: #"{"status":"deleted"}"#).status == 422)
            #expect(try await api.send("DELETE", path, as: root.accessToken).status == 204)
            #expect(try await api.get(path, as: root.accessToken).status == 404)
            #expect(try await api.get("/api/v1/me", as: ada.accessToken).status == 401)
        }
    }

    @Test func aTenantIsMadeForAnAccountOrForWhoIsInvited() async throws {
        try await RunningAPI.with { api in
            let root = try await api.platformAdmin()
            let ada = try await api.register()
            let secretOfAda = try await api.mailedSecret("Confirm your e-mail", to: ada.email)
            #expect(try await api.post("/api/v1/auth/email/confirm", #"{"secret":"\#(secretOfAda)"}"#).status == 204)
            let made = try await api.post(
                "/api/v1/admin/tenants", #"{"name":"Known","slug":"known","ownerEmail":"\#(ada.email)"}"#, as: root.accessToken)
            #expect(made.status == 201)
            let tenants = try await api.get("/api/v1/tenants", as: ada.accessToken).body.tenants.array
            #expect(tenants.map(\.role.string) == ["owner", "owner"])
            #expect(try await api.get("/api/v1/admin/tenants?q=KNOW", as: root.accessToken).body.tenants.array == [made.body])
            let other = try await api.post("/api/v1/admin/tenants", #"{"name":"New","ownerEmail":"new@example.com"}"#, as: root.accessToken)
            #expect(other.status == 201)
            let secret = try await api.mailedSecret("You are invited", to: "new@example.com")
            let accepted = try await api.post(
                "/api/v1/invitations/accept", #"{"secret":"\#(secret)","name":"New","password":"correct horse battery"}"#)
            #expect(accepted.body.role.string == "owner")
            #expect(accepted.body.tenant.id == other.body.id)
            let taken = try await api.post(
                "/api/v1/admin/tenants", #"{"name":"x","slug":"known","ownerEmail":"a@example.com"}"#, as: root.accessToken)
            #expect(taken.code == "slug_taken")
            // An address that nobody has confirmed is invited, whoever made an account with it.
            let eve = try await api.register("eve")
            _ = try await api.post("/api/v1/admin/tenants", #"{"name":"x","ownerEmail":"\#(eve.email)"}"#, as: root.accessToken)
            #expect(try await api.get("/api/v1/tenants", as: eve.accessToken).body.tenants.array.count == 1)
            _ = try await api.mail("You are invited", to: eve.email)
        }
    }

    @Test func theLastAdministratorStays() async throws {
        try await RunningAPI.with { api in
            let root = try await api.platformAdmin()
            let ada = try await api.register()
            func path(_ user: String) -> String { "/api/v1/admin/users/\(user)/platform-admin" }
            #expect(try await api.send("DELETE", path(root.user), as: root.accessToken).code == "last_owner")
            #expect(
                try await api.send("PATCH", "/api/v1/admin/users/\(root.user)", as: root.accessToken, json: #"{"status":"disabled"}"#).code
                    == "last_owner")
            #expect(try await api.send("PUT", path(ada.user), as: root.accessToken).status == 204)
            #expect(try await api.send("PUT", path(ada.user), as: root.accessToken).status == 204)
            // Both take the right from each other at once: one of them keeps it.
            async let one = api.send("DELETE", path(root.user), as: ada.accessToken)
            async let two = api.send("DELETE", path(ada.user), as: root.accessToken)
            #expect([try await one.status, try await two.status].sorted().first == 204)
            let connection = try await api.database.connect()
            #expect(try await connection.query("SELECT count(*) FROM tessera.users WHERE is_platform_admin").decode(Int.self) == [1])
            let actions = try await connection.query(
                "SELECT action FROM tessera.audit_log WHERE action LIKE 'platform_admin.%' ORDER BY seq"
            ).decode(String.self)
            #expect(actions == ["platform_admin.granted", "platform_admin.revoked"])
            await connection.close()
        }
    }

    @Test func theLastAdministratorDoesNotDeleteTheirAccount() async throws {
        try await RunningAPI.with { api in
            let root = try await api.platformAdmin()
            let refused = try await api.send("DELETE", "/api/v1/me", as: root.accessToken)
            #expect(refused.status == 409)
            #expect(refused.body.detail.string?.contains("administrator") == true)
        }
    }
}

extension RunningAPI {
    /// Runs `tessera-api admin create`.
    fileprivate func createAdmin(_ email: String) async throws -> (code: Int32, output: String, errors: String) {
        let result = try await run(
            try Checkout.executable("tessera-api"), ["admin", "create", "--email", email], environment: Self.environment(for: database))
        return (result.code, result.output, result.errors)
    }

    /// Somebody new who is a platform administrator, with a fresh session in their own tenant.
    func platformAdmin() async throws -> Account {
        let account = try await register("root")
        let connection = try await database.connect()
        _ = try await connection.query("UPDATE tessera.users SET is_platform_admin = true WHERE id = \(account.user)::text::uuid")
        await connection.close()
        return account
    }
}
