import Foundation
import Postgres
import Support
import Testing

/// Many tokens are revoked at once, by those who may, after they were counted.
@Suite struct BulkRevocationTests {
    private func revoke(_ body: String, as credential: String, _ api: RunningAPI) async throws -> Reply {
        try await api.post("/api/v1/tokens/revoke", body, as: credential)
    }

    @Test func whatIsCountedIsRevokedAndNothingElse() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let (one, two) = (try await api.token(ada, name: "deploy one"), try await api.token(ada, name: "deploy two"))
            let other = try await api.token(ada, name: "other", more: #","expiresInDays":9"#)
            let counted = try await revoke(#"{"filter":{"q":"DEPLOY"}}"#, as: ada.accessToken, api)
            #expect(counted.status == 200)
            #expect([counted.body.matched.int, counted.body.revoked.int] == [2, 0])
            #expect(try await api.get("/api/v1/me", as: one.secret).status == 200)
            let wrong = try await revoke(#"{"filter":{"q":"deploy"},"dryRun":false,"expectedCount":3}"#, as: ada.accessToken, api)
            #expect(wrong.status == 412)
            #expect(wrong.code == "precondition_failed")
            #expect(try await api.get("/api/v1/me", as: two.secret).status == 200)
            let done = try await revoke(#"{"filter":{"q":"deploy"},"dryRun":false,"expectedCount":2}"#, as: ada.accessToken, api)
            #expect([done.body.matched.int, done.body.revoked.int] == [2, 2])
            for token in [one, two] { #expect(try await api.get("/api/v1/me", as: token.secret).code == "invalid_token") }
            #expect(try await api.get("/api/v1/me", as: other.secret).status == 200)
            #expect(try await api.get("/api/v1/tokens/\(one.id)", as: ada.accessToken).body.revokedReason.string == "bulk revocation")
            #expect(try await api.get("/api/v1/tokens/\(one.id)/events", as: ada.accessToken).body.events[0].kind.string == "token.revoked")
            for (filter, count) in [
                (#"{"neverExpires":true}"#, 0), (#"{"neverExpires":false}"#, 1), (#"{"ids":["\#(other.id)","\#(one.id)"]}"#, 1),
                (#"{"createdBefore":"2020-01-01T00:00:00Z"}"#, 0), (#"{"idleDays":1}"#, 0),
            ] {
                #expect(try await revoke(#"{"filter":\#(filter)}"#, as: ada.accessToken, api).body.matched.int == count, "\(filter)")
            }
        }
    }

    @Test func othersTokensTakeThePermissionForThem() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "member", name: "eve")
            let bob = try await api.register("bob")
            let (adas, eves, bobs) = (try await api.token(ada), try await api.token(eve), try await api.token(bob))
            for filter in [#"{"all":true}"#, #"{"ownerId":"\#(ada.user)"}"#] {
                #expect(try await revoke(#"{"filter":\#(filter)}"#, as: eve.accessToken, api).code == "forbidden", "\(filter)")
            }
            let ids = #"{"filter":{"ids":["\#(adas.id)","\#(eves.id)","\#(bobs.id)"]}}"#
            #expect(try await revoke(ids, as: eve.accessToken, api).body.matched.int == 1)
            #expect(try await revoke(ids.replacing(#""ids""#, with: #""all":true,"ids""#), as: ada.accessToken, api).body.matched.int == 2)
            let done = try await revoke(#"{"filter":{"all":true},"dryRun":false,"expectedCount":2}"#, as: ada.accessToken, api)
            #expect(done.body.revoked.int == 2)
            #expect(try await api.get("/api/v1/me", as: bobs.secret).status == 200)
        }
    }

    @Test func anEmptyFilterMeansNothing() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            for (body, pointer) in [
                ("{}", "/filter"), (#"{"filter":{}}"#, "/filter"), (#"{"filter":{"all":false}}"#, "/filter"), (#"{"filter":null}"#, "/filter"),
                (#"{"filter":{"q":"x"},"dryRun":false}"#, "/expectedCount"), (#"{"filter":{"ids":[]}}"#, "/filter/ids"),
                (#"{"filter":{"ids":["x"]}}"#, "/filter/ids/0"), (#"{"filter":{"name":"x"}}"#, "/filter/name"),
            ] {
                let refused = try await revoke(body, as: ada.accessToken, api)
                #expect(refused.status == 422, "\(body)")
                #expect(refused.body.errors[0].pointer.string == pointer, "\(body)")
            }
        }
    }
}
