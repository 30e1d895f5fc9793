import Foundation
import Postgres
import Support
import Testing

/// People hear of their tokens what they should know, once: in the product and by mail.
@Suite struct NoticeTests {
    @Test func oneNoticeAtEachThresholdAndAtTheEnd() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let short = try await api.token(ada, more: #","expiresInDays":5"#)
            var told = 0
            for (left, kind) in [
                ("29 days 23 hours", "expiring"), ("6 days 20 hours", "expiring"), ("5 hours", "expiring"), ("-1 minute", "expired"),
            ] {
                let token = try await api.token(ada, name: "nightly \(left)", more: #","expiresInDays":60"#)
                try await api.execute(
                    """
                    UPDATE tessera.api_tokens SET created_at = now() - interval '100 days', expires_at = now() + \(left)::text::interval
                    WHERE id = \(token.id)::text::uuid
                    """)
                // Again and again, and on two nodes at once: still one.
                async let one: Void = api.execute("SELECT tessera.token_expiry_note(100)")
                async let other: Void = api.execute("SELECT tessera.token_expiry_note(100)")
                _ = try await (one, other)
                told += 1
                let notices = try await api.notices(of: ada.accessToken, reach: told)
                #expect(notices.first?.kind.string == kind)
                #expect(notices.first?.tokenId.string == token.id)
                #expect(notices.first?.details.tokenName.string == "nightly \(left)")
                let events = try await api.get("/api/v1/tokens/\(token.id)/events", as: ada.accessToken).body.events.array
                #expect(events.compactMap(\.kind.string) == ["token." + kind, "token.created"])
                try await api.execute("SELECT tessera.token_expiry_note(100)")
            }
            let notices = try await api.notices(of: ada.accessToken, reach: 4)
            #expect(notices.count == 4)
            // Made within the threshold: nobody needs to be told what they just chose.
            #expect(notices.allSatisfy { $0.tokenId.string != short.id })
            let mails = try await api.mails(to: ada.email, about: "nightly", reach: 4)
            #expect(mails.count == 4)
            #expect(mails.filter { $0.contains("expires soon") }.count == 3)
        }
    }

    @Test func whatWasRevokedExpiresSilently() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada, more: #","expiresInDays":60"#)
            try await api.execute(
                """
                UPDATE tessera.api_tokens SET created_at = now() - interval '9 days', expires_at = now() + interval '5 hours',
                    revoked_at = now() WHERE id = \(token.id)::text::uuid
                """)
            try await api.execute("SELECT tessera.token_expiry_note(100)")
            let connection = try await api.database.connect()
            #expect(try await connection.query("SELECT count(*) FROM tessera.token_events").decode(Int.self) == [0])
            await connection.close()
        }
    }

    @Test func aNewNetworkIsToldOnceADayAndAKnownOneNever() async throws {
        try await RunningAPI.with(["TESSERA_HTTP_TRUSTED_PROXIES": "127.0.0.0/8"]) { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            func use(from address: String, _ status: Int = 200) async throws {
                let reply = try await api.send("GET", "/api/v1/me", as: token.secret, headers: [("X-Forwarded-For", address)])
                #expect(reply.status == status)
            }
            func networks() async throws -> [String] {
                try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken).body.recentNetworks.array.compactMap(\.string)
            }
            for address in ["203.0.113.7", "203.0.113.200"] { try await use(from: address) }
            try await eventually("the first network is known") { try await networks() == ["203.0.113.0/24"] }
            try await use(from: "198.51.100.4")
            let notices = try await api.notices(of: ada.accessToken, reach: 1)
            #expect(notices.map(\.kind.string) == ["new_network"])
            #expect(notices.first?.details.ipAddress.string == "198.51.100.4")
            try await use(from: "2001:db8:1:2::3")
            try await eventually("all three are known") { try await networks() == ["2001:db8:1::/48", "198.51.100.0/24", "203.0.113.0/24"] }
            try await use(from: "203.0.113.9")
            try await eventually("the latest comes first") { try await networks().first == "203.0.113.0/24" }
            #expect(try await api.notices(of: ada.accessToken, reach: 1).count == 1)
            #expect(try await api.mails(to: ada.email, about: "new network", reach: 1).count == 1)
            // A dead secret's place is nobody's news.
            _ = try await api.post("/api/v1/tokens/\(token.id)/revoke", as: ada.accessToken)
            try await use(from: "192.0.2.1", 401)
            _ = try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: 6)
            #expect(try await networks().contains("192.0.2.0/24") == false)
        }
    }

    @Test func onlyTenNetworksAreKept() async throws {
        try await RunningAPI.with(["TESSERA_HTTP_TRUSTED_PROXIES": "127.0.0.0/8"]) { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            for number in 0..<14 {
                _ = try await api.send("GET", "/api/v1/me", as: token.secret, headers: [("X-Forwarded-For", "198.51.\(number).1")])
            }
            _ = try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: 14)
            let networks = try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken).body.recentNetworks.array
            #expect(networks.count == 10)
        }
    }

    @Test func noticesAreReadByTheirOwnPersonAlone() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "owner", name: "eve")
            let connection = try await api.database.connect()
            let id = try await Cast.target(of: "/api/v1/notices/{id}/read", in: ada.tenant, for: ada.user, connection)
            await connection.close()
            #expect(try await api.get("/api/v1/notices", as: eve.accessToken).body.notices.array.isEmpty)
            #expect(try await api.post("/api/v1/notices/\(id)/read", as: eve.accessToken).status == 404)
            #expect(try await api.get("/api/v1/notices?unread=true", as: ada.accessToken).body.pagination.total.int == 1)
            #expect(try await api.post("/api/v1/notices/\(id)/read", as: ada.accessToken).status == 204)
            let read = try await api.get("/api/v1/notices", as: ada.accessToken).body.notices.array.first?.readAt.string
            #expect(read != nil)
            #expect(try await api.post("/api/v1/notices/\(id)/read", as: ada.accessToken).status == 204)
            #expect(try await api.get("/api/v1/notices", as: ada.accessToken).body.notices.array.first?.readAt.string == read)
            #expect(try await api.get("/api/v1/notices?unread=true", as: ada.accessToken).body.notices.array.isEmpty)
            #expect(try await api.get("/api/v1/notices?unread=1", as: ada.accessToken).status == 422)
        }
    }

    @Test func adminsHearOfAServiceAccountsTokens() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "admin", name: "eve")
            let bob = try await api.join(ada, as: "member", name: "bob")
            let account = try await api.serviceAccount("ci", "member", as: ada.accessToken).body.id.string ?? ""
            let token = try await api.serviceToken(of: account, scopes: #""read""#, as: ada.accessToken).body.token.string ?? ""
            #expect(try await api.post("/api/v1/tokens/report-leaked", #"{"tokens":["\#(token)"]}"#).status == 202)
            for person in [ada, eve] { #expect(try await api.notices(of: person.accessToken, reach: 1).map(\.kind.string) == ["exposed"]) }
            #expect(try await api.get("/api/v1/notices", as: bob.accessToken).body.notices.array.isEmpty)
        }
    }
}

extension RunningAPI {
    /// Waits until there are `count` notices, and answers those there are, the newest first.
    func notices(of session: String, reach count: Int) async throws -> [JSON] {
        var notices: [JSON] = []
        try? await eventually("the notices", within: .seconds(10)) {
            notices = try await get("/api/v1/notices", as: session).body.notices.array
            return notices.count >= count
        }
        return notices
    }

    /// Waits until there are `count` mails to `address` that contain `text`, and answers those there are.
    func mails(to address: String, about text: String, reach count: Int) async throws -> [String] {
        var found: [String] = []
        try? await eventually("the mails", within: .seconds(10)) {
            found = try mails.filter { $0.contains(address) && $0.contains(text) }
            return found.count >= count
        }
        return found
    }

    /// Runs a statement as the database's owner.
    func execute(_ statement: SQL) async throws {
        let connection = try await database.connect()
        _ = try await connection.query(statement)
        await connection.close()
    }
}
