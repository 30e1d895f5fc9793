import Foundation
import Support
import Testing

/// `GET /tokens?include=usage24h`: what a page of settings draws beside each token.
@Suite struct TokenUsageInListTests {
    @Test func theLastDayComesWithTheListWhereItIsAskedFor() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let (busy, idle) = (try await api.token(ada), try await api.token(ada))
            for _ in 0..<3 { _ = try await api.get("/api/v1/me", as: busy.secret) }
            #expect(try await api.get("/api/v1/members?role=king", as: busy.secret).status == 422)
            #expect(try await api.usageTotal(of: busy.id, as: ada.accessToken, reaches: 4) == 4)
            for query in ["include=usage24h", "include=usage24h&all=true&status=active&sort=createdAt&limit=2"] {
                let listed = try await api.get("/api/v1/tokens?\(query)", as: ada.accessToken).body.tokens.array
                let counts = Dictionary(uniqueKeysWithValues: listed.map { ($0.id.string ?? "", $0.usage24h.array.compactMap(\.int)) })
                #expect(counts.values.allSatisfy { $0.count == 24 })
                // Two hours where the test ran past a full one.
                #expect(counts[busy.id]?.suffix(2).reduce(0, +) == 4)
                #expect(counts[busy.id]?.dropLast(2).allSatisfy { $0 == 0 } == true)
                #expect(counts[idle.id] == [Int](repeating: 0, count: 24))
            }
            let plain = try await api.get("/api/v1/tokens", as: ada.accessToken).body.tokens.array
            #expect(plain.count == 2)
            for token in plain + [try await api.get("/api/v1/tokens/\(busy.id)", as: ada.accessToken).body] {
                #expect(!token.names.contains("usage24h"))
            }
            for query in ["include=", "include=usage", "include=usage24h,usage24h", "include=usage24h&include=usage24h", "include=errors24h"] {
                #expect(try await api.get("/api/v1/tokens?\(query)", as: ada.accessToken).status == 422, "\(query)")
            }
            #expect(try await api.get("/api/v1/tokens/\(busy.id)?include=usage24h", as: ada.accessToken).status == 422)
        }
    }
}
