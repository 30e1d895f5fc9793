import Foundation
import Postgres
import Support
import Testing

/// `GET /tokens?all=true` finds the tokens worth a look, in one's own tenant.
@Suite struct TokenRiskFilterTests {
    @Test func faultyFiltersAreRefused() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "member", name: "eve")
            for query in [
                "idleDays=0", "idleDays=-1", "idleDays=401", "idleDays=x", "idleDays=", "idleDays=1&idleDays=2", "idleDays=1.5", "neverExpires=maybe",
                "neverExpires=", "neverExpires=true&neverExpires=true", "exposed=1", "overScoped=yes", "risk=all",
            ] {
                #expect(try await api.get("/api/v1/tokens?all=true&\(query)", as: ada.accessToken).status == 422, "\(query)")
            }
            for query in ["idleDays=1", "neverExpires=true", "neverExpires=false", "exposed=true", "overScoped=true"] {
                for all in ["", "all=false&"] {
                    let reply = try await api.get("/api/v1/tokens?\(all)\(query)", as: ada.accessToken)
                    #expect(reply.body.errors[0].code.string == "conflict", "\(query)")
                }
                #expect(try await api.get("/api/v1/tokens?all=true&\(query)", as: ada.accessToken).status == 200, "\(query)")
                #expect(try await api.get("/api/v1/tokens?all=true&\(query)", as: eve.accessToken).code == "forbidden", "\(query)")
            }
        }
    }

    @Test func eachFilterShowsItsTokensOfThisTenantOnly() async throws {
        try await RunningAPI.with { api in
            let (ada, bob) = (try await api.register("ada"), try await api.register("bob"))
            let (eternal, ending) = (try await api.token(ada), try await api.token(ada, more: #","expiresInDays":9"#))
            let foreign = try await api.token(bob)
            let connection = try await api.database.connect()
            try await api.age([eternal, ending, foreign], connection)
            _ = try await connection.query("UPDATE tessera.api_tokens SET exposed_at = now() WHERE id <> \(ending.id)::text::uuid")
            _ = try await api.get("/api/v1/tenant", as: ending.secret)
            #expect(try await api.usageTotal(of: ending.id, as: ada.accessToken, reaches: 1) == 1)
            func found(_ query: String, by account: Account) async throws -> [String] {
                let reply = try await api.get("/api/v1/tokens?all=true&\(query)", as: account.accessToken)
                let ids = reply.body.tokens.array.compactMap(\.id.string)
                #expect(reply.body.pagination.total.int == ids.count, "\(query)")
                return ids
            }
            for query in [
                "neverExpires=true", "exposed=true", "idleDays=30", "overScoped=true&idleDays=1", "neverExpires=true&idleDays=39&exposed=true",
            ] {
                #expect(try await found(query, by: ada) == [eternal.id], "\(query)")
                #expect(try await found(query, by: bob) == [foreign.id], "\(query)")
                #expect(try await found(query + "&status=revoked", by: ada).isEmpty, "\(query)")
                #expect(try await found(query + "&serviceAccountId=\(UUID().uuidString)", by: ada).isEmpty, "\(query)")
            }
            #expect(try await found("neverExpires=false&status=active&sort=createdAt&include=usage24h", by: ada).count == 2)
            // A cursor belongs to its filters.
            let first = try await api.get("/api/v1/tokens?all=true&idleDays=0001&limit=1", as: ada.accessToken)
            #expect(first.status == 200)
            let page = try await api.get("/api/v1/tokens?all=true&limit=1", as: ada.accessToken)
            let cursor = try #require(page.body.pagination.nextCursor.string)
            #expect(try await api.get("/api/v1/tokens?all=true&exposed=true&limit=1&cursor=\(cursor)", as: ada.accessToken).code == "invalid_cursor")
            await connection.close()
        }
    }

    /// Each use takes of a token what its handler asked for, no less and no more.
    @Test func whatAUseTakesIsWhatTheTokenNeeds() async throws {
        try await RunningAPI.with(["TESSERA_HTTP_TRUSTED_PROXIES": "127.0.0.0/8"]) { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "member", name: "eve")
            let eves = try await api.token(eve)
            let connection = try await api.database.connect()
            let uses = [
                Use("members", ["read"], "GET /api/v1/members", 200, needs: ["members:read"]),
                Use("a look with admin", ["admin"], "GET /api/v1/tokens", 200, needs: ["tokens:read"], isOverScoped: true),
                Use("everyone's tokens", ["admin"], "GET /api/v1/tokens?all=true", 200, needs: ["tenant-tokens:read", "tokens:read"]),
                Use("another's token", ["admin"], "GET /api/v1/tokens/\(eves.id)", 200, needs: ["tenant-tokens:read", "tokens:read"]),
                Use("a token of its own", ["write"], "GET /api/v1/tokens/{id}", 200, needs: ["tokens:read"], isOverScoped: true),
                Use("no permission", ["read"], "GET /api/v1/me", 200, needs: [], isOverScoped: true),
                Use("refused", ["read"], "POST /api/v1/tokens", 403, body: #"{"name":"x"}"#, needs: [], isOverScoped: true),
                Use(
                    "refused later", ["read", "tokens:write"], "POST /api/v1/tokens", 403,
                    body: #"{"name":"x","scopes":["write"],"expiresInDays":1}"#,
                    needs: [], isOverScoped: true),
                Use(
                    "makes another", ["write"], "POST /api/v1/tokens", 201, body: #"{"name":"child","scopes":["write"],"expiresInDays":1}"#,
                    needs: ["data:read", "data:write", "members:read", "tenant:read", "tokens:read", "tokens:write", "usage:read"]),
                Use(
                    "looks at an upstream", ["data:write"], "GET /api/v1/authorize/orders", 204, needs: ["data:read"], isOverScoped: true),
                Use("changes an upstream", ["write"], "POST /api/v1/authorize/orders", 204, needs: ["data:write"]),
                Use(
                    "what a proxy asks for", ["members:write", "app:orders"], "GET /api/v1/authorize?scope=members:write%20app:orders", 204,
                    needs: ["members:read", "members:write"]),
                Use("app", ["app:orders"], "GET /api/v1/authorize?scope=app:orders", 204, needs: []),
                Use("introspects", ["introspect"], "POST /api/v1/introspect", 200, body: "token=x", needs: ["introspect"]),
            ]
            var expected: Set<String> = []
            for use in uses {
                let token = try await api.token(ada, scopes: use.scopes, name: use.name, more: #","expiresInDays":50"#)
                let reply = try await api.send(
                    use.method, use.path.with(id: token.id), as: token.secret, json: use.body, headers: use.headers)
                #expect(reply.status == use.status, "\(use.name)")
                #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: 1) == 1)
                let needed = try await connection.query(
                    "SELECT permission FROM tessera.token_permission_use WHERE token_id = \(token.id)::text::uuid ORDER BY permission COLLATE \"C\""
                ).decode(String.self)
                #expect(needed == use.needs, "\(use.name)")
                try await api.age([token], connection)
                if use.isOverScoped { expected.insert(use.name) }
            }
            let found = try await api.get("/api/v1/tokens?all=true&overScoped=true&limit=100", as: ada.accessToken)
            #expect(Set(found.body.tokens.array.compactMap(\.name.string)) == expected)
            await connection.close()
        }
    }
}

/// One use of a token that was made with `scopes`.
private struct Use {
    let name: String
    let scopes: [String]
    let method: String
    let path: String
    let body: String?
    let status: Int
    /// The permissions that it takes.
    let needs: [String]
    let isOverScoped: Bool

    init(
        _ name: String, _ scopes: [String], _ call: String, _ status: Int, body: String? = nil, needs: [String], isOverScoped: Bool = false
    ) {
        let parts = call.split(separator: " ")
        (self.name, self.scopes, method, path) = (name, scopes, String(parts[0]), String(parts[1]))
        (self.body, self.status, self.needs, self.isOverScoped) = (body, status, needs, isOverScoped)
    }

    var headers: [(String, String)] { path.hasSuffix("introspect") ? [("Content-Type", "application/x-www-form-urlencoded")] : [] }
}

extension RunningAPI {
    /// Lets tokens have been made, and have had their scopes, for forty days.
    fileprivate func age(_ tokens: [IssuedToken], _ connection: PostgresConnection) async throws {
        for token in tokens {
            _ = try await connection.query(
                """
                UPDATE tessera.api_tokens SET created_at = created_at - interval '40 days', scopes_since = scopes_since - interval '40 days'
                WHERE id = \(token.id)::text::uuid
                """)
        }
    }
}
