import Foundation
import Postgres
import Support
import Testing

/// An invitation lets one person in, once, for as long as it stands and whoever made it could make it.
@Suite(.serialized) struct InvitationAbuseTests {
    @Test(arguments: [false, true]) func ofTwentyAtOnceOneAccepts(hasAccount: Bool) async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let email = hasAccount ? try await api.register("eve").email : "eve@example.com"
            let secret = try await api.invite(email, "member", by: ada)
            let acceptance = hasAccount ? Self.acceptance(secret, name: nil) : Self.acceptance(secret)
            let before = try await api.count("tessera.sessions")
            // Nobody gets on before two have come as far as they can.
            let holder = try await api.database.connect()
            try await holder.script("BEGIN; SELECT FROM tessera.one_time_secrets FOR UPDATE")
            let waiting: SQL = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
                for _ in 0..<20 { group.addTask { try await api.post("/api/v1/invitations/accept", acceptance) } }
                try await eventually("two wait") { try await (holder.query(waiting).decode(Int.self).first ?? 0) >= 2 }
                try await holder.script("COMMIT")
                return try await group.reduce(into: []) { $0.append($1) }
            }
            await holder.close()
            #expect(replies.count { $0.status == 201 } == 1)
            #expect(replies.allSatisfy { [201, 401, 409].contains($0.status) }, "\(replies.map(\.status))")
            let members = try await api.get("/api/v1/members", as: ada.accessToken).body.members.array
            #expect(members.count { $0.email.string == email } == 1)
            #expect(members.count == 2)
            // Whoever was too late has left nothing: no account, no session, no entry.
            #expect(try await api.count("tessera.users WHERE email = '\(email)'") == 1)
            #expect(try await api.count("tessera.sessions") == before + 1)
            #expect(try await api.count("tessera.audit_log WHERE action = 'invitation.accepted'") == 1)
            #expect(try await api.accept(secret).status == 401)
        }
    }

    @Test func anotherSpellingOfAnAddressInvitesWhoHasIt() async throws {
        try await RunningAPI.with { api in
            for spelling in ["DESK-1@EXAMPLE.COM", " desk-2@example.com\u{3000}", "des\u{212A}-3@example.com", "Desk-4@Example.Com"] {
                let email = spelling.lowercased().filter { !$0.isWhitespace }
                let ada = try await api.register()
                let draft = #"{"email":"\#(email)","password":"correct horse battery","name":"eve","tenantName":"eve"}"#
                let eve = try Account(email: email, try await api.post("/api/v1/auth/register", draft))
                let secret = try await api.invite(spelling, "viewer", by: ada, to: email)
                let again = try await api.post("/api/v1/invitations", #"{"email":"\#(email)","role":"viewer"}"#, as: ada.accessToken)
                #expect(again.code == "already_invited", "\(spelling)")
                #expect(try await api.post("/api/v1/invitations/lookup", #"{"secret":"\#(secret)"}"#).body.accountExists.bool == true)
                // So the mail alone makes no account beside the one there is.
                #expect(try await api.accept(secret, password: "another horse battery").status == 401, "\(spelling)")
                let accepted = try await api.accept(secret, password: "correct horse battery")
                #expect(accepted.body.user.id.string == eve.user, "\(spelling)")
                let member = try await api.post("/api/v1/invitations", #"{"email":"\#(spelling)","role":"owner"}"#, as: ada.accessToken)
                #expect(member.code == "already_member", "\(spelling)")
            }
            #expect(try await api.count("tessera.users WHERE email ILIKE 'des%'") == 4)
        }
    }

    @Test func everyMailOfAWithdrawnOrUsedInvitationIsDead() async throws {
        try await RunningAPI.with(["TESSERA_LIMITS_RESET": "off"]) { api in
            let ada = try await api.register()
            for isWithdrawn in [true, false] {
                let email = "eve-\(isWithdrawn)@example.com"
                let made = try await api.post("/api/v1/invitations", #"{"email":"\#(email)","role":"admin"}"#, as: ada.accessToken)
                let path = "/api/v1/invitations/\(try #require(made.body.id.string))"
                #expect(try await api.post(path + "/resend", as: ada.accessToken).status == 200)
                let secrets = try await api.secrets(2, to: email)
                if isWithdrawn {
                    #expect(try await api.send("DELETE", path, as: ada.accessToken).status == 204)
                } else {
                    #expect(try await api.accept(secrets[0]).status == 201)
                }
                for secret in secrets {
                    #expect(try await api.post("/api/v1/invitations/lookup", #"{"secret":"\#(secret)"}"#).status == 401)
                    let refused = try await api.accept(secret, password: "another horse battery")
                    #expect(refused.code == "invalid_token", "\(refused.status)")
                }
            }
            #expect(try await api.get("/api/v1/members", as: ada.accessToken).body.pagination.total.int == 2)
        }
    }

    /// Else whoever is about to be removed lets themselves in again, by a second address.
    @Test(arguments: ["removed", "demoted", "left", "deleted"]) func anInvitationFallsWithWhoMadeIt(end: String) async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "admin", name: "eve")
            let secret = try await api.invite("bea@example.com", "admin", by: eve)
            let lower = try await api.invite("cat@example.com", "viewer", by: eve)
            let others = try await api.invite("bob@example.com", "viewer", by: ada)
            let path = "/api/v1/members/\(eve.user)"
            switch end {
            case "removed": #expect(try await api.send("DELETE", path, as: ada.accessToken).status == 204)
            case "demoted": #expect(try await api.send("PATCH", path, as: ada.accessToken, json: #"{"role":"member"}"#).status == 200)
            case "left": #expect(try await api.send("DELETE", "/api/v1/members/me", as: eve.accessToken).status == 204)
            default:
                try await api.giveAway(every: eve)
                #expect(try await api.send("DELETE", "/api/v1/me", as: eve.accessToken).status == 204)
            }
            for secret in [secret, lower] {
                #expect(try await api.post("/api/v1/invitations/lookup", #"{"secret":"\#(secret)"}"#).status == 401)
                #expect(try await api.accept(secret).code == "invalid_token")
            }
            #expect(try await api.get("/api/v1/members", as: ada.accessToken).body.members.array.allSatisfy { $0.role.string != "admin" })
            // Those of others stand, and whoever may can invite anew.
            #expect(try await api.accept(others).status == 201)
            let anew = try await api.post("/api/v1/invitations", #"{"email":"bea@example.com","role":"admin"}"#, as: ada.accessToken)
            #expect(anew.status == 201)
        }
    }

    @Test(arguments: ["deleted", "suspended"]) func nobodyComesIntoATenantThatIsNot(state: String) async throws {
        try await RunningAPI.with { api in
            let (ada, bob) = (try await api.register("ada"), try await api.register("bob"))
            let (new, existing) = (try await api.invite("eve@example.com", "owner", by: ada), try await api.invite(bob.email, "owner", by: ada))
            if state == "deleted" {
                #expect(try await api.send("DELETE", "/api/v1/tenant", as: ada.accessToken).status == 204)
            } else {
                try await api.execute("UPDATE tessera.tenants SET status = 'suspended' WHERE id = '\(ada.tenant)'")
            }
            for (secret, acceptance) in [(new, Self.acceptance(new)), (existing, Self.acceptance(existing, name: nil))] {
                #expect(try await api.post("/api/v1/invitations/lookup", #"{"secret":"\#(secret)"}"#).status == 401)
                #expect(try await api.post("/api/v1/invitations/accept", acceptance).code == "invalid_token")
            }
            #expect(try await api.count("tessera.users WHERE email = 'eve@example.com'") == 0)
            #expect(try await api.count("tessera.memberships WHERE tenant_id = '\(ada.tenant)' AND user_id = '\(bob.user)'") == 0)
        }
    }

    @Test func whatIsInTheMailDecidesAndNotWhoShowsIt() async throws {
        try await RunningAPI.with { api in
            let (ada, bob) = (try await api.register("ada"), try await api.register("bob"))
            let secret = try await api.invite("eve@example.com", "viewer", by: ada)
            // A session of somebody else doesn't make it theirs, and nobody is made more than they were invited as.
            let accepted = try await api.post("/api/v1/invitations/accept", Self.acceptance(secret), as: bob.accessToken)
            #expect(accepted.body.user.email.string == "eve@example.com")
            #expect(accepted.body.role.string == "viewer")
            #expect(try await api.get("/api/v1/tenants", as: bob.accessToken).body.tenants.array.count == 1)
        }
    }

    fileprivate static func acceptance(_ secret: String, name: String? = "eve", password: String = "correct horse battery") -> String {
        #"{"secret":"\#(secret)","password":"\#(password)"\#(name.map { #","name":"\#($0)""# } ?? "")}"#
    }
}

extension RunningAPI {
    /// Invites, and waits for the mail; answers its secret.
    fileprivate func invite(_ email: String, _ role: String, by account: Account, to recipient: String? = nil) async throws -> String {
        let reply = try await post("/api/v1/invitations", #"{"email":"\#(email)","role":"\#(role)"}"#, as: account.accessToken)
        guard reply.status == 201 else { throw Unexpected(reply: reply) }
        return try await mailedSecret("You are invited", to: recipient ?? email)
    }

    fileprivate func accept(_ secret: String, password: String = "correct horse battery") async throws -> Reply {
        try await post("/api/v1/invitations/accept", InvitationAbuseTests.acceptance(secret, password: password))
    }

    /// The secrets of that many mails.
    fileprivate func secrets(_ count: Int, to address: String) async throws -> [String] {
        var found: [String] = []
        try await eventually("\(count) mails to \(address)") {
            found = try mails.filter { $0.contains("To: <\(address)>\r\n") }.compactMap {
                $0.firstMatch(of: /#secret=([0-9A-Za-z_]+)/).map { String($0.1) }
            }
            return found.count == count
        }
        return found
    }

    /// Lets the person be the last owner of nothing, so that they can go.
    fileprivate func giveAway(every account: Account) async throws {
        try await execute("UPDATE tessera.memberships SET role = 'member' WHERE user_id = '\(account.user)' AND role = 'owner'")
    }

    fileprivate func execute(_ statement: String) async throws {
        let connection = try await database.connect()
        _ = try await connection.query(SQL(unsafeRaw: statement))
        await connection.close()
    }

    /// How many rows there are, past the API.
    fileprivate func count(_ rows: String) async throws -> Int {
        let connection = try await database.connect()
        let count = try await connection.query("SELECT count(*) FROM \(SQL(unsafeRaw: rows))").decode(Int.self)
        await connection.close()
        return count[0]
    }
}
