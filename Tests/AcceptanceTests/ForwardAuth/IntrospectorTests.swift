import Foundation
import Postgres
import Support
import Testing

/// The platform's own services ask about tokens of every tenant, with a credential that is good for nothing else.
@Suite struct IntrospectorTests {
    private static let inactive = #"{"active":false}"#

    @Test func itSeesEveryTenantsTokensAndNamesTheTenant() async throws {
        try await RunningAPI.with { api in
            let (ada, bob) = (try await api.register("ada"), try await api.register("bob"))
            let gateway = try await Introspector.make(at: api.database)
            for account in [ada, bob] {
                let token = try await api.token(account, scopes: ["write", "app:orders"], more: #","expiresInDays":9"#)
                for credential in [gateway.bearer, gateway.basic] {
                    let reply = try await api.introspect("token=\(token.secret)&token_type_hint=access_token", credential)
                    #expect(reply.status == 200)
                    #expect(reply.body.names == ["active", "client_id", "exp", "iat", "jti", "scope", "sub", "tenant_id", "token_type"])
                    #expect(reply.body.tenant_id.string == account.tenant)
                    #expect(reply.body.sub.string == account.user)
                    #expect(reply.body.jti.string == token.id)
                    #expect(reply.body.scope.string == "write app:orders")
                }
                #expect(try await api.get("/api/v1/tokens/\(token.id)/usage", as: account.accessToken).body.pagination.total.int == 0)
            }
            // A tenant's own service is told of its own tokens, and of no tenant.
            let own = try await api.token(ada, scopes: ["introspect"])
            let seen = try await api.introspect("token=\(own.secret)", "Bearer \(own.secret)")
            #expect(seen.body.active.bool == true)
            #expect(seen.body.tenant_id.isNull)
        }
    }

    @Test func whatIsNoGoodIsJustInactiveToItToo() async throws {
        try await RunningAPI.with { api in
            let (ada, bob) = (try await api.register("ada"), try await api.register("bob"))
            let gateway = try await Introspector.make(at: api.database)
            let revoked = try await api.token(ada)
            _ = try await api.post("/api/v1/tokens/\(revoked.id)/revoke", as: ada.accessToken)
            let bound = try await api.token(ada, more: #","allowedCidrs":["203.0.113.0/24"]"#)
            let suspended = try await api.token(bob)
            #expect(try await api.introspect("token=\(suspended.secret)", gateway.bearer).body.active.bool == true)
            let connection = try await api.database.connect()
            _ = try await connection.query("UPDATE tessera.tenants SET status = 'suspended' WHERE id = \(bob.tenant)::text::uuid")
            await connection.close()
            for form in [
                "token=\(revoked.secret)", "token=\(bound.secret)", "token=\(bound.secret)&client_ip=192.0.2.1", "token=\(suspended.secret)",
                "token=\(ada.accessToken)", "token=\(ada.refreshToken)", "token=\(gateway.secret)", "token=", "token=nonsense",
            ] {
                let reply = try await api.introspect(form, gateway.bearer)
                #expect(reply.status == 200, "\(form)")
                #expect(String(decoding: reply.bytes, as: UTF8.self) == Self.inactive, "\(form)")
            }
            #expect(try await api.introspect("token=\(bound.secret)&client_ip=203.0.113.9", gateway.basic).body.active.bool == true)
        }
    }

    @Test func itsSecretIsGoodForIntrospectionOnly() async throws {
        try await RunningAPI.with { api in
            let gateway = try await Introspector.make(at: api.database)
            for path in ["/api/v1/me", "/api/v1/tokens", "/api/v1/authorize", "/api/v1/admin/tenants", "/api/v1/nowhere"] {
                let expected = path.hasSuffix("nowhere") ? 404 : 401
                let bearer = try await api.get(path, as: gateway.secret)
                #expect(bearer.status == expected, "\(path)")
                if expected == 401 { #expect(bearer.code == "invalid_token", "\(path)") }
                #expect(try await api.send("GET", path, headers: [("Authorization", gateway.basic)]).status == expected, "\(path)")
            }
        }
    }

    @Test func almostItsCredentialIsNone() async throws {
        try await RunningAPI.with { api in
            let (one, two) = (try await Introspector.make(at: api.database), try await Introspector.make(at: api.database))
            let ada = try await api.register()
            let token = try await api.token(ada, scopes: ["introspect"])
            func basic(_ text: String) -> String { "Basic " + Data(text.utf8).base64EncodedString() }
            for credential in [
                basic("\(one.id):\(two.secret)"), basic("\(one.id):"), basic(":\(one.secret)"), basic("\(one.secret):"), basic(one.secret),
                basic("\(one.id):\(one.secret)x"), basic("\(token.id):\(token.secret)"), "Basic \(one.secret)", "Basic ==", "Basic %",
            ] {
                let reply = try await api.introspect("token=\(token.secret)", credential)
                #expect(reply.status == 401, "\(credential)")
                #expect(reply.code == "invalid_token", "\(credential)")
                #expect(reply.header("WWW-Authenticate") == #"Basic realm="tessera""#, "\(credential)")
            }
            let bearer = try await api.introspect("token=\(token.secret)", "Bearer \(one.secret.dropLast())")
            #expect(bearer.header("WWW-Authenticate")?.hasPrefix(#"Bearer realm="tessera", error="invalid_token""#) == true)
            // The secret belongs in the header, once.
            let posted = try await api.introspect("token=x&client_id=\(one.id)&client_secret=\(one.secret)", "Bearer \(token.secret)")
            #expect(posted.status == 422)
            #expect(!String(decoding: posted.bytes, as: UTF8.self).contains(one.secret))
            #expect(try await api.introspect("client_id=\(one.id)&client_secret=\(one.secret)&token=x", nil).code == "authentication_required")
            let twice = try await api.send(
                "POST", "/api/v1/introspect", json: "token=x",
                headers: [
                    ("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", one.bearer), ("Authorization", one.basic),
                ])
            #expect(twice.code == "invalid_request")
        }
    }

    @Test func aRevokedIntrospectorIsRefusedFromTheNextRequestOn() async throws {
        try await RunningAPI.with { api in
            let (kept, ended) = (try await Introspector.make("gate & way", at: api.database), try await Introspector.make("old", at: api.database))
            #expect(try await api.introspect("token=x", ended.bearer).status == 200)
            let revoked = try await Introspector.command(["revoke", ended.id], at: api.database)
            #expect(revoked.code == 0, "\(revoked.errors)")
            for credential in [ended.bearer, ended.basic] { #expect(try await api.introspect("token=x", credential).status == 401) }
            #expect(try await api.introspect("token=x", kept.basic).status == 200)
            // Again is the same, without an entry; an unknown one is told of.
            #expect(try await Introspector.command(["revoke", ended.id], at: api.database).output.contains("was revoked before"))
            let unknown = try await Introspector.command(["revoke", UUID().uuidString], at: api.database)
            #expect(unknown.code == 1)
            #expect(unknown.errors.contains("There is no introspector"))
            for name in ["", "two\nlines", String(repeating: "x", count: 101)] {
                #expect(try await Introspector.command(["create", "--name", name], at: api.database).code != 0)
            }
            let listed = try await Introspector.command(["list"], at: api.database).output.split(separator: "\n")
            #expect(listed.count == 2)
            #expect(listed.first?.contains(ended.id) == true && listed.first?.contains("revoked") == true)
            #expect(listed.last?.contains(kept.id) == true && listed.last?.hasSuffix("active  gate & way") == true)

            let connection = try await api.database.connect()
            let entries = try await connection.query(
                """
                SELECT action || ' ' || target_id FROM tessera.audit_log
                WHERE tenant_id = '00000000-0000-0000-0000-000000000000' AND target_type = 'introspector' ORDER BY seq
                """
            ).decode(String.self)
            #expect(entries == ["introspector.created \(kept.id)", "introspector.created \(ended.id)", "introspector.revoked \(ended.id)"])
            // The hash alone is kept, and shown to nobody.
            let stored = try await connection.query(
                "SELECT string_agg(i::text, ' ') || (SELECT string_agg(a::text, ' ') FROM tessera.audit_log a) FROM tessera.introspectors i"
            )
            .decode(String.self)[0]
            await connection.close()
            for secret in [kept.secret, ended.secret] {
                #expect(!stored.contains(secret.suffix(49)))
                #expect(!listed.joined().contains(secret.suffix(49)))
            }
        }
    }

    @Test func junkAsksNobodyAndAnUnreachableDatabaseIsNoAnswer() async throws {
        try await RunningAPI.with { api in
            let gateway = try await Introspector.make(at: api.database)
            #expect(try await api.introspect("token=x", gateway.bearer).status == 200)
            let connection = try await api.database.connect()
            _ = try await connection.query("REVOKE ALL ON tessera.introspectors FROM tessera_auth")
            // Whoever asks the table now, fails: what has no checksum doesn't ask.
            #expect(try await api.introspect("token=x", "Bearer \(gateway.secret.dropLast())0").status == 401)
            #expect(try await api.introspect("token=x", gateway.bearer).status == 503)
            #expect(try await api.introspect("token=x", gateway.basic).status == 503)
            await connection.close()
        }
    }

    /// The blocks of `Docs/Introspection.md`, as they stand there.
    @Test func theDocumentedClientsAreToldTheTruth() async throws {
        let text = try String(contentsOfFile: Checkout.path("Docs/Introspection.md"), encoding: .utf8)
        let shell = try #require(text.firstMatch(of: /```sh\n(curl[^`]*)```/)).1
        let program = try #require(text.firstMatch(of: /```python\n([^`]*)```/)).1
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let gateway = try await Introspector.make(at: api.database)
            let service = try await api.token(ada, scopes: ["introspect"])
            let tokens = try await Tokens(of: ada, api)
            func ask(_ variables: [String: String], _ token: String, byShell: Bool = false) async throws -> String {
                let block = (byShell ? shell : program).replacing("http://127.0.0.1:8080", with: api.url)
                let finished = try await run(
                    byShell ? "/bin/bash" : PythonServer.python(), [byShell ? "-euc" : "-c", String(block)],
                    environment: variables.merging(["TOKEN": token]) { $1 })
                #expect(finished.code == 0, "\(finished.errors)")
                return finished.output.trimmingCharacters(in: .newlines)
            }
            let client = ["CLIENT_ID": gateway.id, "CLIENT_SECRET": gateway.secret]
            for (variables, isPlatform) in [(client, true), (["API_TOKEN": service.secret], false)] {
                let active = JSON(Data(try await ask(variables, tokens.active).utf8))
                #expect(active.active.bool == true)
                #expect(active.sub.string == ada.user)
                #expect(active.tenant_id.string == (isPlatform ? ada.tenant : nil))
                for token in [tokens.revoked, tokens.expired, tokens.unknown] { #expect(try await ask(variables, token) == Self.inactive) }
            }
            #expect(JSON(Data(try await ask(client, tokens.active, byShell: true).utf8)).tenant_id.string == ada.tenant)
            #expect(try await ask(client, tokens.unknown, byShell: true) == Self.inactive)
        }
    }
}

/// A token in each state that a service may meet.
private struct Tokens {
    let active: String
    let revoked: String
    let expired: String
    /// Well-formed, with its checksum: of a tenant that is gone.
    let unknown: String

    init(of account: Account, _ api: RunningAPI) async throws {
        active = try await api.token(account).secret
        let ended = try await api.token(account)
        _ = try await api.post("/api/v1/tokens/\(ended.id)/revoke", as: account.accessToken)
        revoked = ended.secret
        let (late, gone) = (try await api.token(account), try await api.token(account))
        let connection = try await api.database.connect()
        _ = try await connection.query(
            "UPDATE tessera.api_tokens SET expires_at = now() - interval '1 minute' WHERE id = \(late.id)::text::uuid")
        _ = try await connection.query("DELETE FROM tessera.api_tokens WHERE id = \(gone.id)::text::uuid")
        await connection.close()
        (expired, unknown) = (late.secret, gone.secret)
    }
}

/// A platform's introspector, made as an operator does.
struct Introspector: Sendable {
    let id: String
    let secret: String

    var bearer: String { "Bearer \(secret)" }
    var basic: String { "Basic " + Data("\(id):\(secret)".utf8).base64EncodedString() }

    static func make(_ name: String = "gateway", at database: TestDatabase) async throws -> Introspector {
        let made = try await command(["create", "--name", name], at: database)
        let lines = made.output.split(separator: "\n").map { $0.split(separator: ": ") }
        guard made.code == 0, lines.count == 2, lines.map({ $0.first }) == ["client_id", "client_secret"] else { throw Missing(what: made.errors) }
        return Introspector(id: String(lines[0][1]), secret: String(lines[1][1]))
    }

    static func command(_ arguments: [String], at database: TestDatabase) async throws -> Finished {
        try await run(
            try Checkout.executable("tessera-api"), ["introspector"] + arguments, environment: RunningAPI.environment(for: database))
    }
}

extension RunningAPI {
    /// - Parameter authorization: the whole header.
    fileprivate func introspect(_ form: String, _ authorization: String?) async throws -> Reply {
        try await send(
            "POST", "/api/v1/introspect", json: form,
            headers: [("Content-Type", "application/x-www-form-urlencoded")] + (authorization.map { [("Authorization", $0)] } ?? []))
    }
}
