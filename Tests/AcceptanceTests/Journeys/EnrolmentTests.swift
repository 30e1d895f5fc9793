import Foundation
import Support
import Testing

/// Invited people come in, once, and prove who they are.
@Suite struct EnrolmentTests {
    private func invite(_ email: String, _ role: String, _ api: RunningAPI, by owner: Account) async throws -> String {
        let reply = try await api.post("/api/v1/invitations", #"{"email":"\#(email)","role":"\#(role)"}"#, as: owner.accessToken)
        #expect(reply.status == 201)
        return try await api.mailedSecret("You are invited", to: email)
    }

    @Test func aNewPersonComesInByAnInvitation() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let secret = try await invite("eve@example.com", "admin", api, by: ada)
            let shown = try await api.post("/api/v1/invitations/lookup", #"{"secret":"\#(secret)"}"#)
            #expect(shown.status == 200)
            #expect(shown.body.tenant.id.string == ada.tenant)
            #expect(shown.body.role.string == "admin")
            #expect(shown.body.accountExists.bool == false)
            let incomplete = try await api.post("/api/v1/invitations/accept", #"{"secret":"\#(secret)"}"#)
            #expect(incomplete.status == 422)
            let acceptance = #"{"secret":"\#(secret)","name":"Eve","password":"correct horse battery"}"#
            let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
                for _ in 0..<8 { group.addTask { try await api.post("/api/v1/invitations/accept", acceptance) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(replies.count { $0.status == 201 } == 1)
            #expect(replies.allSatisfy { [201, 401, 409].contains($0.status) })
            let eve = try Account(email: "eve@example.com", try #require(replies.first { $0.status == 201 }))
            let me = try await api.get("/api/v1/me", as: eve.accessToken)
            #expect(me.body.role.string == "admin")
            #expect(me.body.emailVerified.bool == true)
            #expect(me.body.tenant.id.string == ada.tenant)
            #expect(try await api.post("/api/v1/invitations/lookup", #"{"secret":"\#(secret)"}"#).status == 401)
        }
    }

    @Test func whoHasAnAccountProvesItByItsPassword() async throws {
        try await RunningAPI.with { api in
            let (ada, bob) = (try await api.register("ada"), try await api.register("bob"))
            let secret = try await invite(bob.email, "member", api, by: ada)
            #expect(try await api.post("/api/v1/invitations/lookup", #"{"secret":"\#(secret)"}"#).body.accountExists.bool == true)
            // Whoever reads the mail can neither set a password nor do without it.
            for body in [#"{"secret":"\#(secret)"}"#, #"{"secret":"\#(secret)","name":"Bob","password":"a new password"}"#] {
                #expect([401, 422].contains(try await api.post("/api/v1/invitations/accept", body).status))
            }
            let accepted = try await api.post("/api/v1/invitations/accept", #"{"secret":"\#(secret)","password":"correct horse battery"}"#)
            #expect(accepted.status == 201)
            #expect(accepted.body.tenant.id.string == ada.tenant)
            let there = try Account(email: bob.email, accepted)
            let tenants = try await api.get("/api/v1/tenants", as: there.accessToken)
            #expect(tenants.body.tenants.array.map(\.role.string) == ["owner", "member"])
            // And back, by a refresh.
            let back = try await api.post("/api/v1/auth/refresh", #"{"refreshToken":"\#(there.refreshToken)","tenant":"\#(bob.tenant)"}"#)
            #expect(back.body.tenant.id.string == bob.tenant)
            #expect(back.body.role.string == "owner")
        }
    }

    @Test func aWithdrawnInvitationIsGoodForNothing() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let secret = try await invite("eve@example.com", "member", api, by: ada)
            let id = try #require(try await api.get("/api/v1/invitations", as: ada.accessToken).body.invitations.array.first?.id.string)
            #expect(try await api.send("DELETE", "/api/v1/invitations/\(id)", as: ada.accessToken).status == 204)
            let acceptance = #"{"secret":"\#(secret)","name":"Eve","password":"correct horse battery"}"#
            #expect(try await api.post("/api/v1/invitations/accept", acceptance).code == "invalid_token")
        }
    }

    @Test func peopleMakeMoreTenants() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let made = try await api.post("/api/v1/tenants", #"{"name":"Second","slug":"the-second"}"#, as: ada.accessToken)
            #expect(made.status == 201)
            #expect(made.body.role.string == "owner")
            #expect(try await api.post("/api/v1/tenants", #"{"name":"Third","slug":"the-second"}"#, as: ada.accessToken).code == "slug_taken")
            #expect(try await api.get("/api/v1/tenants", as: ada.accessToken).body.pagination.total.int == 2)
        }
    }
}
