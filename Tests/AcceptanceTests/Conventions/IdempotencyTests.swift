import Foundation
import HTTP
import HTTPTypes
import Postgres
import Support
import Testing

/// A request that is sent again under its Idempotency-Key is answered again, without secrets, and changes nothing a second time.
@Suite struct IdempotencyTests {
    private static let draft = #"{"name":"deploy","scopes":["read"],"expiresInDays":9}"#

    @Test func whatMakesSomethingTakesAKeyAndNothingElseDoes() {
        let keyed = Set(Endpoint.all.filter(\.isKeyed).map(\.operationID))
        #expect(
            keyed == [
                "createTenant", "createInvitation", "createServiceAccount", "createToken", "importTokens", "rotateToken", "rotateOwnToken",
                "adminCreateTenant",
            ])
        #expect(Endpoint.all.allSatisfy { !$0.isKeyed || $0.method == .post && !$0.path.contains("/auth/") && !$0.path.contains("/accept") })
    }

    @Test func everyKeyedRouteAnswersARetryAgainWithoutItsSecret() async throws {
        try await RunningAPI.with { api in
            for route in Endpoint.all where route.isKeyed && route.operationID != "rotateOwnToken" {
                let example = try await RouteExample(of: route, api)
                let key = UUID().uuidString
                let before = try await api.count("audit_log")
                let first = try await api.send(example, under: key)
                #expect((200...201).contains(first.status), "\(route.operationID): \(first.status) \(first.body)")
                #expect(first.header("Idempotent-Replayed") == nil)
                let after = try await api.count("audit_log")
                #expect(after > before)
                for spelling in [key, "\"\(key)\""] {
                    let again = try await api.send(example, under: spelling)
                    #expect(again.status == first.status, "\(route.operationID): \(again.body)")
                    #expect(again.header("Idempotent-Replayed") == "true", "\(route.operationID)")
                    for name in ["Location", "ETag", "Content-Type"] { #expect(again.header(name) == first.header(name), "\(route.operationID)") }
                    #expect(again.body.names == first.body.names)
                    for name in first.body.names where name != "token" {
                        #expect(again.body[name] == first.body[name], "\(route.operationID) \(name)")
                    }
                    #expect(again.body.token.isNull, "\(route.operationID)")
                }
                #expect(try await api.count("audit_log") == after, "\(route.operationID)")
                #expect(try await api.send(example, under: UUID().uuidString).header("Idempotent-Replayed") == nil)
            }
        }
    }

    @Test func ofTwentyCreationsAtOnceOneHappensAndOneAnswerHasTheSecret() async throws {
        try await Self.withTwoNodes { api, other in
            let ada = try await api.register()
            let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
                for number in 0..<20 {
                    let node = number % 2 == 0 ? api : other
                    group.addTask { try await node.post("/api/v1/tokens", Self.draft, under: "deploy-1", as: ada.accessToken) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let secrets = replies.compactMap(\.body.token.string)
            #expect(secrets.count == 1)
            for reply in replies where reply.body.token.string == nil {
                if reply.status == 201 {
                    #expect(reply.header("Idempotent-Replayed") == "true")
                } else {
                    #expect(reply.status == 409)
                    #expect(reply.code == "idempotency_in_progress")
                    #expect(reply.header("Retry-After") == "1")
                }
            }
            let late = try await other.post("/api/v1/tokens", Self.draft, under: "deploy-1", as: ada.accessToken)
            #expect(late.status == 201)
            #expect(late.body.token.isNull)
            let tokens = try await api.get("/api/v1/tokens", as: ada.accessToken).body.tokens.array
            #expect(tokens.map(\.id.string) == [late.body.id.string])
            #expect(try await api.get("/api/v1/me", as: secrets.first).status == 200)
            // What tells the secret is what stands behind its last underscore.
            let dump = try await run(Checkout.postgres("pg_dump"), ["--inserts", api.database.url(role: "postgres")])
            #expect(dump.code == 0)
            #expect(dump.output.contains("idempotency_keys"))
            let telling = try #require(secrets.first?.split(separator: "_").last?.prefix(24))
            #expect(!dump.output.contains(telling))
        }
    }

    /// Two processes over one database.
    private static func withTwoNodes(_ body: (RunningAPI, RunningAPI) async throws -> Void) async throws {
        try await RunningAPI.with { one in try await RunningAPI.with(over: one.database) { other in try await body(one, other) } }
    }

    @Test func anotherBodyUnderTheSameKeyIsRefused() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let made = try await api.post("/api/v1/tokens", Self.draft, under: "one", as: ada.accessToken)
            let other = try await api.post("/api/v1/tokens", #"{"name":"other","expiresInDays":9}"#, under: "one", as: ada.accessToken)
            #expect(other.status == 422)
            #expect(other.code == "idempotency_key_reused")
            // The order of members and blanks between them are not what was asked for.
            let respelled = try await api.post(
                "/api/v1/tokens", #"{ "expiresInDays": 9, "scopes": [ "read" ], "name": "deploy" }"#, under: "one", as: ada.accessToken)
            #expect(respelled.body.id == made.body.id)
            #expect(respelled.header("Idempotent-Replayed") == "true")
            for malformed in ["", "\"open", "\"a\"b", "\"a\\b\"", String(repeating: "k", count: 256), "tab\there"] {
                let refused = try await api.post("/api/v1/tokens", Self.draft, under: malformed, as: ada.accessToken)
                #expect(refused.status == 400, "\(malformed)")
                #expect(refused.code == "invalid_request", "\(malformed)")
            }
            let two = try await api.send(
                "POST", "/api/v1/tokens", as: ada.accessToken, json: Self.draft, headers: [("Idempotency-Key", "a"), ("Idempotency-Key", "b")])
            #expect(two.code == "invalid_request")
            #expect(try await api.count("idempotency_keys") == 1)
        }
    }

    @Test func keysOfOneCredentialAreNothingToAnother() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let bob = try await api.register("bob")
            let eve = try await api.join(ada, as: "admin", name: "eve")
            let token = try await api.token(ada, scopes: ["write"], more: #","expiresInDays":30"#)
            let strong = try await api.post(
                "/api/v1/tokens", #"{"name":"strong","scopes":["admin"],"expiresInDays":9}"#, under: "same", as: ada.accessToken)
            #expect(strong.status == 201)
            // Who may not make such a token isn't told of the one that was made.
            for scopes in [["read"], ["write"]] {
                let weak = try await api.token(ada, scopes: scopes, more: #","expiresInDays":30"#)
                let refused = try await api.post(
                    "/api/v1/tokens", #"{"name":"strong","scopes":["admin"],"expiresInDays":9}"#, under: "same", as: weak.secret)
                #expect(refused.status == 403, "\(scopes)")
                #expect(refused.body.id.isNull)
            }
            for (name, credential) in [("eve", eve.accessToken), ("bob", bob.accessToken), ("token", token.secret)] {
                let own = try await api.post("/api/v1/tokens", #"{"name":"\#(name)","expiresInDays":9}"#, under: "same", as: credential)
                #expect(own.status == 201, "\(name)")
                #expect(own.body.token.string != nil, "\(name)")
                #expect(own.body.id != strong.body.id)
            }
            // And another path is another request.
            let account = try await api.post("/api/v1/service-accounts", #"{"name":"ci","role":"member"}"#, under: "same", as: ada.accessToken)
            #expect(account.status == 201)
        }
    }

    @Test func whoMayNoLongerGetsTheirRefusalAndNotTheAnswer() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.join(ada, as: "admin", name: "eve")
            let invitation = #"{"email":"cat@example.com","role":"member"}"#
            #expect(try await api.post("/api/v1/invitations", invitation, under: "i", as: eve.accessToken).status == 201)
            #expect(try await api.post("/api/v1/invitations", invitation, under: "i", as: eve.accessToken).header("Idempotent-Replayed") == "true")
            _ = try await api.send("PATCH", "/api/v1/members/\(eve.user)", as: ada.accessToken, json: #"{"role":"viewer"}"#)
            let demoted = try await api.post("/api/v1/invitations", invitation, under: "i", as: eve.accessToken)
            #expect(demoted.code == "forbidden")
            #expect(demoted.header("Idempotent-Replayed") == nil)

            let token = try await api.token(ada, scopes: ["admin"], more: #","expiresInDays":30"#)
            let lesser = #"{"name":"child","scopes":["write"],"expiresInDays":9}"#
            #expect(try await api.post("/api/v1/tokens", lesser, under: "d", as: token.secret).status == 201)
            for (scopes, code) in [(#"["tokens:write"]"#, "forbidden"), (#"["read"]"#, "insufficient_scope")] {
                _ = try await api.send("PATCH", "/api/v1/tokens/\(token.id)", as: ada.accessToken, json: #"{"scopes":\#(scopes)}"#)
                #expect(try await api.post("/api/v1/tokens", lesser, under: "d", as: token.secret).code == code, "\(scopes)")
            }
        }
    }

    @Test func whatIsRefusedLeavesNothing() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let first = try await api.post("/api/v1/tokens", Self.draft, as: ada.accessToken)
            #expect(try await api.post("/api/v1/tokens", Self.draft, under: "k", as: ada.accessToken).code == "name_taken")
            #expect(try await api.count("idempotency_keys") == 0)
            _ = try await api.post("/api/v1/tokens/\(first.body.id.string ?? "")/revoke", as: ada.accessToken)
            let second = try await api.post("/api/v1/tokens", Self.draft, under: "k", as: ada.accessToken)
            #expect(second.status == 201)
            #expect(second.body.token.string != nil)
            // A transaction that goes through without its change keeps nothing either.
            let connection = try await api.database.connect()
            _ = try await connection.query(
                """
                INSERT INTO tessera.api_tokens (tenant_id, id, owner_id, name, token_prefix, token_hash, scopes, expires_at, created_at, updated_at)
                SELECT \(ada.tenant)::text::uuid, gen_random_uuid(), \(ada.user)::text::uuid, 'n' || n, 'tsr_00000000', decode(repeat('00', 32), 'hex'),
                    '{read}', now() + interval '1 day', now(), now() FROM generate_series(1, 199) n
                """)
            await connection.close()
            let full = try await api.post("/api/v1/tokens", #"{"name":"one more","expiresInDays":9}"#, under: "full", as: ada.accessToken)
            #expect(full.code == "token_limit_reached")
            #expect(try await api.count("idempotency_keys") == 1)
        }
    }

    @Test func aRotationIsAnsweredAgainDuringItsOverlapAndAfter() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            for overlap in [0, 600] {
                let token = try await api.token(ada)
                let path = "/api/v1/tokens/\(token.id)/rotate"
                let rotated = try await api.post(path, #"{"overlapSeconds":\#(overlap)}"#, under: "r", as: ada.accessToken)
                #expect(rotated.status == 200)
                #expect(rotated.body.version.int == 2)
                let shown = try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken)
                for name in ["version", "updatedAt", "rotation", "tokenPrefix", "exposedAt"] {
                    #expect(rotated.body[name] == shown.body[name], "\(name)")
                }
                let again = try await api.post(path, #"{"overlapSeconds":\#(overlap)}"#, under: "r", as: ada.accessToken)
                #expect(again.status == 200, "\(again.body)")
                #expect(again.header("Idempotent-Replayed") == "true")
                #expect(again.body.token.isNull)
                #expect(try await api.post(path, #"{"overlapSeconds":5}"#, under: "r", as: ada.accessToken).code == "idempotency_key_reused")
                #expect(try await api.get("/api/v1/me", as: rotated.body.token.string).status == 200)
            }
        }
    }

    @Test func aTokenThatRotatedItselfHearsOfItByItsNewSecretOnly() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada, scopes: ["self:rotate"], more: #","expiresInDays":9"#)
            let path = "/api/v1/tokens/self/rotate"
            let rotated = try await api.post(path, "{}", under: "r", as: token.secret)
            #expect(rotated.status == 200)
            let fresh = try #require(rotated.body.token.string)
            #expect(try await api.post(path, "{}", under: "r", as: token.secret).code == "invalid_token")
            let again = try await api.post(path, "{}", under: "r", as: fresh)
            #expect(again.header("Idempotent-Replayed") == "true")
            #expect(again.body.version.int == 2)
            #expect(again.body.token.isNull)
        }
    }

    @Test func aKeyHoldsForADay() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            func create() async throws -> Reply { try await api.post("/api/v1/tenants", #"{"name":"Another"}"#, under: "t", as: ada.accessToken) }
            let first = try await create()
            #expect(first.status == 201)
            let connection = try await api.database.connect()
            _ = try await connection.query("UPDATE tessera.idempotency_keys SET created_at = now() - interval '23 hours 59 minutes'")
            #expect(try await create().body.id == first.body.id)
            _ = try await connection.query("UPDATE tessera.idempotency_keys SET created_at = now() - interval '24 hours'")
            let next = try await create()
            #expect(next.status == 201)
            #expect(next.header("Idempotent-Replayed") == nil)
            #expect(next.body.id != first.body.id)
            #expect(try await create().body.id == next.body.id)
            #expect(try await api.count("idempotency_keys") == 1)
            await connection.close()
        }
    }

    /// The node hears nothing more from the moment it sends the change, and dies when that is stored.
    @Test(.timeLimit(.minutes(3))) func afterACrashBetweenCommitAndAnswerARetryHearsWhatWasDone() async throws {
        try await PrivateServer.with { server in
            let database = try await TestDatabase.migrated(on: server)
            let socket = "\(server.directory)/.s.PGSQL.\(server.port)"
            try await PythonServer.with("withholding", in: "Tests/AcceptanceTests/Load/Scripts", [socket, "idempotency_check"]) { proxy in
                let node = try await RunningAPI.start(
                    over: database,
                    ["TESSERA_DATABASE_URL": "postgresql://127.0.0.1:\(proxy.port)/\(database.name)?sslmode=disable"])
                let ada = try await node.register()
                async let lost = try? node.post("/api/v1/tokens", Self.draft, under: "crash", as: ada.accessToken)
                try await eventually("the change is stored") { try await node.count("api_tokens") == 1 }
                #expect(proxy.lines == ["withheld"])
                node.process.signal(SIGKILL)
                #expect(await lost == nil)
                try? FileManager.default.removeItem(atPath: node.home)
                try await RunningAPI.with(over: database) { api in
                    let retry = try await api.post("/api/v1/tokens", Self.draft, under: "crash", as: ada.accessToken)
                    #expect(retry.status == 201)
                    #expect(retry.header("Idempotent-Replayed") == "true")
                    #expect(retry.body.token.isNull)
                    let tokens = try await api.get("/api/v1/tokens", as: ada.accessToken).body.tokens.array
                    #expect(tokens.count == 1)
                    #expect(retry.body.id == tokens.first?.id)
                    #expect(retry.header("Location") == "/api/v1/tokens/\(retry.body.id.string ?? "")")
                }
            }
        }
    }
}

extension RunningAPI {
    fileprivate func post(_ path: String, _ json: String, under key: String, as credential: String) async throws -> Reply {
        try await send("POST", path, as: credential, json: json, headers: [("Idempotency-Key", key)])
    }

    fileprivate func send(_ example: RouteExample, under key: String) async throws -> Reply {
        try await send(
            example.route.method.rawValue, example.route.path.with(id: example.id), as: example.caller.accessToken, json: example.body,
            headers: [("Idempotency-Key", key)])
    }

    /// Rows of a table.
    fileprivate func count(_ table: String) async throws -> Int {
        let connection = try await database.connect()
        let count = try await connection.query("SELECT count(*) FROM tessera.\(identifier: table)").decode(Int.self)[0]
        await connection.close()
        return count
    }
}
