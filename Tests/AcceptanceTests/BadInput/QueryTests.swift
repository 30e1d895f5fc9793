import Foundation
import Testing

/// Queries are read as strictly as bodies.
@Suite struct QueryTests {
    @Test func faultyQueriesAreRefused() async throws {
        let queries = [
            "limit=0", "limit=101", "limit=x", "limit=1&limit=2", "page=0", "page=-1", "page=99999999999", "page=99999999999999999999",
            "page=101&limit=100",
            "nope=1", "from=2026-02-30", "from=yesterday", "to=2026-13-01T00:00:00Z", "status=999", "status=6xx", "status=abc", "method=BREW",
            "cursor=x&page=1", "from=%00", "from=%zz", "endpoint=", "token=abc",
        ]
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            for query in queries {
                let reply = try await api.get("/api/v1/tokens/\(token.id)/usage?\(query)", as: ada.accessToken)
                #expect(reply.status == 422, "\(query)")
                #expect(["validation_failed", "invalid_cursor"].contains(reply.code ?? ""), "\(query)")
            }
            let deep = try await api.get("/api/v1/tokens/\(token.id)/usage?page=201", as: ada.accessToken)
            #expect(deep.status == 422)
            #expect(deep.body.detail.string?.contains("nextCursor") == true)
            for path in ["/api/v1/me?x=1", "/api/v1/tenant?x=1", "/api/v1/tokens?sort=name", "/api/v1/members?role=king"] {
                #expect(try await api.get(path, as: ada.accessToken).status == 422, "\(path)")
            }
        }
    }

    @Test func pagesAndCursorsWalkTheSameList() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            var made: [String] = []
            for _ in 0..<7 { made.append(try await api.token(ada).id) }
            let newestFirst = Array(made.reversed())
            let first = try await api.get("/api/v1/tokens?limit=3", as: ada.accessToken)
            #expect(first.body.tokens.array.compactMap(\.id.string) == Array(newestFirst[..<3]))
            #expect(first.body.pagination.total.int == 7)
            #expect(first.body.pagination.totalPages.int == 3)
            #expect(first.header("Link")?.contains(#"page=2>; rel="next""#) == true)
            var walked = first.body.tokens.array.compactMap(\.id.string)
            var cursor = first.body.pagination.nextCursor.string
            while let next = cursor {
                let page = try await api.get("/api/v1/tokens?limit=3&cursor=\(next)", as: ada.accessToken)
                #expect(page.body.pagination.page.isNull)
                #expect(page.body.pagination.total.isNull)
                walked += page.body.tokens.array.compactMap(\.id.string)
                cursor = page.body.pagination.nextCursor.string
            }
            #expect(walked == newestFirst)
            #expect(try await api.get("/api/v1/tokens?page=9", as: ada.accessToken).body.tokens.array.isEmpty)
            // Bound to its path and filters, and to us.
            let bound = try #require(first.body.pagination.nextCursor.string)
            for path in [
                "/api/v1/tokens?status=active&cursor=\(bound)", "/api/v1/members?cursor=\(bound)",
                "/api/v1/tokens?cursor=\(bound.first == "A" ? "B" : "A")\(bound.dropFirst())",
            ] {
                #expect(try await api.get(path, as: ada.accessToken).code == "invalid_cursor", "\(path)")
            }
        }
    }
}
