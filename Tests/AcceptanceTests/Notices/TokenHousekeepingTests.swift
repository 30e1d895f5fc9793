import Foundation
import Postgres
import Support
import Testing

/// Housekeeping runs by itself, on one of the nodes, and nothing that people rely on goes.
@Suite struct TokenHousekeepingTests {
    @Test func anEndedTokenGoesButItsUsageAndEventsStay() async throws {
        try await RunningAPI.with(["TESSERA_HOUSEKEEPING_SCHEDULE": "off"]) { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            let live = try await api.token(ada)
            _ = try await api.get("/api/v1/me", as: token.secret)
            #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: 1) == 1)
            _ = try await api.post("/api/v1/tokens/\(token.id)/revoke", as: ada.accessToken)
            try await api.execute("UPDATE tessera.api_tokens SET revoked_at = now() - interval '8 days' WHERE id = \(token.id)::text::uuid")
            let nodes = try await [
                RunningAPI.start(over: api.database, ["TESSERA_TOKENS_RETENTION_DAYS": "7"]),
                RunningAPI.start(over: api.database, ["TESSERA_TOKENS_RETENTION_DAYS": "7"]),
            ]
            func rounds() -> Int { nodes.count { $0.process.standardOutput.contains("housekeeping done") } }
            try await eventually("a round is done") { rounds() > 0 }
            for node in nodes { try await node.stop() }
            #expect(rounds() == 1)
            #expect(try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken).status == 404)
            #expect(try await api.get("/api/v1/tokens/\(token.id)/usage", as: ada.accessToken).body.pagination.total.int == 1)
            let events = try await api.get("/api/v1/tokens/\(token.id)/events", as: ada.accessToken).body.events.array
            #expect(events.compactMap(\.kind.string) == ["token.deleted", "token.revoked", "token.created"])
            #expect(events.first?.actor.type.string == "system")
            #expect(try await api.get("/api/v1/me", as: token.secret).status == 401)
            #expect(try await api.get("/api/v1/me", as: live.secret).status == 200)
        }
    }

    @Test func aScheduleThatIsNoneIsRefusedAtTheStart() async throws {
        try await TestDatabase.with { database in
            var environment = RunningAPI.environment(for: database)
            environment["TESSERA_HOUSEKEEPING_SCHEDULE"] = "2 o'clock"
            let done = try await run(try Checkout.executable("tessera-api"), environment: environment)
            #expect(done.code != 0)
            #expect((done.output + done.errors).contains("TESSERA_HOUSEKEEPING_SCHEDULE (housekeeping.schedule) must be times like 02:00"))
        }
    }
}
