import Foundation
import Postgres
import Support
import Testing

/// An import is taken whole or not at all, and says what was wrong with which token.
@Suite struct ImportFaultTests {
    @Test func everyFaultIsToldByItsPointerAndNothingIsStored() async throws {
        try await RunningAPI.with { api in
            let (root, ada, bob) = (try await api.platformAdmin(), try await api.register(), try await api.register("bob"))
            let (bea, eve) = (try await api.join(ada, as: "admin", name: "bea"), try await api.join(ada, as: "member", name: "eve"))
            _ = try await api.grant("acme_live_", to: ada.tenant, as: root)
            let account = try #require(try await api.serviceAccount("ci", "owner", as: ada.accessToken).body.id.string)
            let known = ForeignToken("acme_live_")
            #expect(try await api.take([known.item(name: "known")], as: bea.accessToken).status == 201)
            let (fine, twin) = (ForeignToken("acme_live_"), ForeignToken("acme_live_"))
            func token(_ more: String = #""expiresInDays":9"#, name: String = UUID().uuidString) -> String {
                ForeignToken("acme_live_").item(more, name: name)
            }
            func hash(_ text: String) -> String { #"{"name":"x","sha256":"\#(text)","expiresInDays":9}"# }
            let cases: [([String], [String])] = [
                ([fine.item(), hash(String(fine.hash.dropLast()))], ["/tokens/1/sha256 too_short"]),
                ([fine.item(), hash(twin.hash.uppercased())], ["/tokens/1/sha256 invalid"]),
                ([hash(twin.hash + "0"), fine.item()], ["/tokens/0/sha256 too_long"]),
                ([#"{"name":"x"}"#, "7"], ["/tokens/0/sha256 required", "/tokens/1 wrong_type"]),
                ([fine.item(), twin.item(), twin.item()], ["/tokens/2/sha256 repeated"]),
                ([token(name: "same"), token(name: "same")], ["/tokens/1/name repeated"]),
                ([fine.item(), known.item()], ["/tokens/1/sha256 taken"]),
                ([fine.item(), token(name: "known"), known.item()], ["/tokens/1/name taken", "/tokens/2/sha256 taken"]),
                ([token(#""ownerId":"\#(bob.user)","expiresInDays":9"#)], ["/tokens/0/ownerId not_found"]),
                ([token(#""ownerId":"\#(UUID().uuidString)","expiresInDays":9"#)], ["/tokens/0/ownerId not_found"]),
                ([token(#""ownerId":"\#(ada.user)","expiresInDays":9"#)], ["/tokens/0/ownerId forbidden"]),
                ([token(#""serviceAccountId":"\#(account)","expiresInDays":9"#)], ["/tokens/0/serviceAccountId forbidden"]),
                ([token(#""serviceAccountId":"\#(eve.user)","expiresInDays":9"#)], ["/tokens/0/serviceAccountId not_found"]),
                ([token(#""serviceAccountId":"\#(account)","ownerId":"\#(eve.user)","expiresInDays":9"#)], ["/tokens/0/ownerId conflict"]),
                ([token(#""ownerId":"\#(eve.user)","scopes":["admin"],"expiresInDays":9"#)], ["/tokens/0/scopes forbidden"]),
                ([token(#""expiresAt":"2020-01-01T00:00:00Z""#)], ["/tokens/0/expiresAt out_of_range"]),
                ([token(#""prefix":"other_live_","expiresInDays":9"#)], ["/tokens/0/prefix invalid"]),
                ([token(#""token":"acme_live_x","expiresInDays":9"#)], ["/tokens/0/token unknown_field"]),
                ([], ["/tokens out_of_range"]), ((0..<101).map { _ in token() }, ["/tokens out_of_range"]),
            ]
            for (items, faults) in cases {
                let reply = try await api.take(items, as: bea.accessToken)
                #expect(reply.status == 422, "\(faults)")
                #expect(reply.body.errors.array.map { "\($0.pointer.string ?? "") \($0.code.string ?? "")" } == faults)
            }
            for body in ["{}", #"{"tokens":null}"#] {
                #expect(try await api.post("/api/v1/tokens/imports", body, as: bea.accessToken).body.errors[0].code.string == "required")
            }
            #expect(try await api.take([fine.item(), String(repeating: " ", count: 70_000)], as: bea.accessToken).status == 413)
            #expect(try await api.take([fine.item()], as: bob.accessToken).code == "forbidden")
            let connection = try await api.database.connect()
            let stored = try await connection.query(
                """
                SELECT (SELECT count(*) FROM tessera.imported_tokens), (SELECT count(*) FROM tessera.api_tokens),
                    (SELECT count(*) FROM tessera.audit_log WHERE action = 'token.imported')
                """
            ).decode(Int.self, Int.self, Int.self).map { [$0, $1, $2] }
            #expect(stored == [[1, 1, 1]])
            await connection.close()
            #expect(try await api.take((0..<100).map { _ in token() }, as: bea.accessToken).status == 201)
            // 101 of 200 are there: 99 more, and not one besides.
            let many = try await api.take((0..<100).map { _ in token() }, as: bea.accessToken)
            #expect(many.body.errors.array.map { "\($0.pointer.string ?? "") \($0.code.string ?? "")" } == ["/tokens/99 limit_reached"])
            #expect(try await api.take((0..<99).map { _ in token() }, as: bea.accessToken).status == 201)
        }
    }

    @Test func whatNeverEndsOrAdministersTakesAFreshSession() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            _ = try await api.grant("acme_live_", to: ada.tenant, as: root)
            try await api.ageSessions()
            let fine = ForeignToken("acme_live_").item()
            for more in [#""scopes":["read"]"#, #""scopes":["admin"],"expiresInDays":9"#] {
                let refused = try await api.take([fine, ForeignToken("acme_live_").item(more)], as: ada.accessToken)
                #expect(refused.code == "reauthentication_required", "\(more)")
            }
            #expect(try await api.take([fine], as: ada.accessToken).status == 201)
        }
    }

    @Test func theTenantsPolicyHoldsForImportsToo() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            _ = try await api.grant("acme_live_", to: ada.tenant, as: root)
            let policy = #"{"maxLifetimeDays":30,"requireExpiry":true,"allowedScopesByRole":{"owner":["read"]}}"#
            #expect(try await api.send("PUT", "/api/v1/token-policy", as: ada.accessToken, json: policy).status == 200)
            let reply = try await api.take(
                [#""scopes":["read"]"#, #""expiresInDays":31"#, #""expiresInDays":9,"scopes":["write"]"#, #""expiresInDays":9"#].map {
                    ForeignToken("acme_live_").item($0)
                }, as: ada.accessToken)
            #expect(
                reply.body.errors.array.map { "\($0.pointer.string ?? "") \($0.code.string ?? "")" } == [
                    "/tokens/0/expiresAt required", "/tokens/1/expiresAt out_of_range", "/tokens/2/scopes forbidden",
                ])
        }
    }

    @Test func ofManyImportsOfOneTokenAtOnceOneIsTaken() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            let eve = try await api.join(ada, as: "member", name: "eve")
            _ = try await api.grant("acme_live_", to: ada.tenant, as: root)
            let old = ForeignToken("acme_live_")
            let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
                for index in 0..<12 {
                    let owner = index.isMultiple(of: 2) ? ada.user : eve.user
                    let items = [old.item(#""ownerId":"\#(owner)","expiresInDays":9"#), ForeignToken("acme_live_").item()]
                    group.addTask { try await api.take(items, as: ada.accessToken) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(replies.count { $0.status == 201 } == 1)
            #expect(replies.count { $0.body.errors[0].pointer.string == "/tokens/0/sha256" } == 11)
            #expect(try await api.get("/api/v1/tokens?all=true", as: ada.accessToken).body.pagination.total.int == 2)
            #expect(try await api.get("/api/v1/me", as: old.plain).status == 200)
        }
    }
}
