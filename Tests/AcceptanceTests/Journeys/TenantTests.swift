import Foundation
import Testing

/// Owners change their tenant, and end it.
@Suite struct TenantTests {
    @Test func anOwnerRenamesTheTenant() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let before = try await api.get("/api/v1/tenant", as: ada.accessToken)
            let renamed = try await api.send("PATCH", "/api/v1/tenant", as: ada.accessToken, json: #"{"name":" Acme ","settings":{}}"#)
            #expect(renamed.status == 200)
            #expect(renamed.body.name.string == "Acme")
            #expect(renamed.body.slug == before.body.slug)
            #expect(renamed.body.version.int == 2)
            #expect(try await api.get("/api/v1/tenant", as: ada.accessToken).body == renamed.body)
            #expect(try await api.get("/api/v1/me", as: ada.accessToken).body.tenant.name.string == "Acme")
            // What is so already, or isn't asked for, changes nothing.
            for body in ["{}", #"{"name":"Acme"}"#, #"{"settings":{}}"#] {
                #expect(try await api.send("PATCH", "/api/v1/tenant", as: ada.accessToken, json: body).body.version.int == 2)
            }
        }
    }

    @Test func whatATenantHasNotIsRefused() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            for (body, pointer, code) in [
                (#"{"settings":{"requireExpiry":true}}"#, "/settings/requireExpiry", "not_supported"),
                (#"{"settings":{"a/b":null}}"#, "/settings/a~1b", "not_supported"), (#"{"settings":[]}"#, "/settings", "wrong_type"),
                (#"{"settings":null}"#, "/settings", "wrong_type"), (#"{"name":""}"#, "/name", "too_short"),
                (#"{"name":null}"#, "/name", "required"), (#"{"slug":"acme"}"#, "/slug", "unknown_field"),
            ] {
                let reply = try await api.send("PATCH", "/api/v1/tenant", as: ada.accessToken, json: body)
                #expect(reply.status == 422, "\(body)")
                #expect(reply.body.errors[0].pointer.string == pointer)
                #expect(reply.body.errors[0].code.string == code)
            }
        }
    }

    @Test func aDeletedTenantIsGoneForEverybody() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "admin", name: "eve")
            let token = try await api.token(eve)
            #expect(try await api.send("DELETE", "/api/v1/tenant", as: eve.accessToken).code == "forbidden")
            #expect(try await api.get("/api/v1/me", as: token.secret).status == 200)
            #expect(try await api.send("DELETE", "/api/v1/tenant", as: ada.accessToken).status == 204)
            for credential in [ada.accessToken, eve.accessToken, token.secret] {
                #expect(try await api.get("/api/v1/me", as: credential).status == 401)
            }
            let login = #"{"email":"\#(eve.email)","password":"correct horse battery","tenant":"\#(ada.tenant)"}"#
            #expect(try await api.post("/api/v1/auth/login", login).status == 401)
            // Her own tenant stands.
            let home = try await api.post("/api/v1/auth/login", #"{"email":"\#(eve.email)","password":"correct horse battery"}"#)
            #expect(home.status == 200)
            #expect(home.body.tenant.id.string != ada.tenant)
        }
    }
}
