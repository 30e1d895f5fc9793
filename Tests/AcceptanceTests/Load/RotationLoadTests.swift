import Domain
import Foundation
import Postgres
import Support
import Testing

/// A secret is replaced while it is in use.
@Suite(.timeLimit(.minutes(2))) struct RotationLoadTests {
    @Test func underLoadTheOldSecretIsGoodToTheEndOfItsOverlapAndNoLonger() async throws {
        try await RunningAPI.with(["TESSERA_LOG_LEVEL": "notice"]) { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            // The rotation comes about a second after the load began: three seconds are left past the overlap's five.
            async let running = BearerLoad.run(api, credentials: [token.secret], seconds: 10)
            try await eventually("the load has begun") { try await api.metric("tessera_usage_recorded_total") > 100 }
            let rotated = try await api.post("/api/v1/tokens/\(token.id)/rotate", #"{"overlapSeconds":5}"#, as: ada.accessToken)
            let fresh = try #require(rotated.body.token.string)
            let end = try #require(rotated.body.rotation.overlapEndsAt.string.flatMap(RFC3339.dateTime))
            var uses = 0
            while Date() < end + 2 {
                #expect(try await api.get("/api/v1/me", as: fresh).status == 200)
                uses += 1
            }
            let load = try await running

            #expect(load.counts.keys.sorted() == [200, 401])
            let (good, refused) = (try #require(load.times(of: 200)), try #require(load.times(of: 401)))
            #expect(refused.first >= end, "refused \(end.timeIntervalSince(refused.first)) s too early")
            // An answer comes a while after it was decided: the second that an expiry may take (G3) is ample for both.
            #expect(good.last < end + 1, "taken \(good.last.timeIntervalSince(end)) s too long")
            #expect(refused.last > end + 2, "the load ended too early")

            try await api.hasStoredAll()
            let total = load.sent + uses
            #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: total) == total)
            let connection = try await api.database.connect()
            let counted = try await connection.query(
                """
                SELECT token_id::text, (SELECT sum(requests)::bigint FROM tessera.api_token_usage_hourly h WHERE h.token_id = u.token_id)
                FROM tessera.api_token_usage u GROUP BY token_id
                """
            ).decode(String.self, Int.self)
            #expect(counted.map(\.0) == [token.id])
            #expect(counted.map(\.1) == [total])
            await connection.close()
            print(
                "rotation: \(load.counts) by the old secret, \(uses) by the new; first 401 \(refused.first.timeIntervalSince(end)) s after the end,"
                    + " last 200 \(good.last.timeIntervalSince(end)) s")
        }
    }
}
