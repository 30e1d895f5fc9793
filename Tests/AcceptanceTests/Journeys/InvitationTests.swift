import Foundation
import Postgres
import Support
import Testing

/// Admins invite people to their tenant.
@Suite struct InvitationTests {
    @Test func anInvitationIsMadeListedAndWithdrawn() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let made = try await api.invite("Bea@Example.com", "member", as: ada.accessToken)
            #expect(made.status == 201)
            #expect(made.body.names == ["createdAt", "createdBy", "email", "expiresAt", "id", "role", "status"])
            #expect(made.body.email.string == "bea@example.com")
            #expect(made.body.createdBy.string == ada.user)
            #expect(made.body.status.string == "open")
            let second = try await api.invite("cat@example.com", "owner", as: ada.accessToken)
            let listed = try await api.get("/api/v1/invitations", as: ada.accessToken)
            #expect(listed.body.invitations.array == [second.body, made.body])
            #expect(listed.body.pagination.total.int == 2)
            let first = try await api.get("/api/v1/invitations?limit=1", as: ada.accessToken)
            let cursor = try #require(first.body.pagination.nextCursor.string)
            #expect(try await api.get("/api/v1/invitations?limit=1&cursor=\(cursor)", as: ada.accessToken).body.invitations.array == [made.body])
            let path = "/api/v1/invitations/\(try #require(made.body.id.string))"
            #expect(try await api.send("DELETE", path, as: ada.accessToken).status == 204)
            #expect(try await api.send("DELETE", path, as: ada.accessToken).status == 404)
            #expect(try await api.post(path + "/resend", as: ada.accessToken).status == 404)
            #expect(try await api.get("/api/v1/invitations", as: ada.accessToken).body.invitations.array == [second.body])
            #expect(try await api.invite("bea@example.com", "viewer", as: ada.accessToken).status == 201)
        }
    }

    @Test func whoIsInOrInvitedIsNotInvited() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "viewer", name: "eve")
            let member = try await api.invite(eve.email, "admin", as: ada.accessToken)
            #expect(member.status == 409)
            #expect(member.code == "already_member")
            #expect(try await api.invite("bea@example.com", "viewer", as: ada.accessToken).status == 201)
            let again = try await api.invite("BEA@example.com", "member", as: ada.accessToken)
            #expect(again.status == 409)
            #expect(again.code == "already_invited")
            for body in ["{}", #"{"email":"bea","role":"member"}"#, #"{"email":"x@example.com"}"#, #"{"email":"x@example.com","role":"king"}"#] {
                #expect(try await api.post("/api/v1/invitations", body, as: ada.accessToken).status == 422, "\(body)")
            }
        }
    }

    @Test func nobodyInvitesAboveThemselves() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "admin", name: "eve")
            #expect(try await api.invite("x@example.com", "owner", as: eve.accessToken).code == "forbidden")
            let above = try await api.invite("x@example.com", "owner", as: ada.accessToken)
            let path = "/api/v1/invitations/\(try #require(above.body.id.string))"
            #expect(try await api.send("DELETE", path, as: eve.accessToken).code == "forbidden")
            #expect(try await api.post(path + "/resend", as: eve.accessToken).code == "forbidden")
            #expect(try await api.invite("y@example.com", "admin", as: eve.accessToken).status == 201)
            // A token may look and withdraw, never invite.
            let token = try await api.token(eve, scopes: ["members:write"])
            #expect(try await api.invite("z@example.com", "viewer", as: token.secret).code == "session_required")
            #expect(try await api.send("DELETE", path, as: token.secret).code == "forbidden")
            #expect(try await api.get("/api/v1/invitations", as: token.secret).body.invitations.array.count == 2)
        }
    }

    @Test func anExpiredInvitationIsSentAgain() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let made = try await api.invite("bea@example.com", "member", as: ada.accessToken)
            let connection = try await api.database.connect()
            _ = try await connection.query("UPDATE tessera.invitations SET expires_at = now()")
            #expect(try await api.get("/api/v1/invitations", as: ada.accessToken).body.invitations[0].status.string == "expired")
            let resent = try await api.post("/api/v1/invitations/\(try #require(made.body.id.string))/resend", as: ada.accessToken)
            #expect(resent.status == 200)
            #expect(resent.body.id == made.body.id)
            #expect(resent.body.status.string == "open")
            #expect(try #require(resent.body.expiresAt.string) > made.body.expiresAt.string ?? "~")
            // Both mails went into the outbox; with none of them a secret.
            let mails = try await connection.query(
                "SELECT recipient || ' ' || (details->>'role') FROM tessera.outbox WHERE kind = 'invitation'"
            ).decode(String.self)
            #expect(mails == ["bea@example.com member", "bea@example.com member"])
            await connection.close()
        }
    }
}

extension RunningAPI {
    fileprivate func invite(_ email: String, _ role: String, as credential: String) async throws -> Reply {
        try await post("/api/v1/invitations", #"{"email":"\#(email)","role":"\#(role)"}"#, as: credential)
    }
}
