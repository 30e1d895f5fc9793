import Domain
import Foundation
import HTTP
import HTTPTypes
import Postgres
import Support
import Testing

/// Every route of the table, asked by everyone.
@Suite struct RouteMatrixTests {
    private static var guarded: [Endpoint] { Endpoint.all.filter { $0.access != .open && $0.access != .optionalSession } }

    @Test func operationIDsAndAddressesAreUnique() {
        #expect(Set(Endpoint.all.map(\.operationID)).count == Endpoint.all.count)
        #expect(Set(Endpoint.all.map { "\($0.method) \($0.path)" }).count == Endpoint.all.count)
    }

    @Test func withoutCredentialEveryGuardedRouteIs401() async throws {
        try await RunningAPI.with { api in
            for route in Self.guarded {
                let reply = try await api.send(route, id: UUID().uuidString, as: nil)
                #expect(reply.status == 401, "\(route.operationID)")
                #expect(reply.header("WWW-Authenticate") == #"Bearer realm="tessera""#)
                #expect(reply.code == "authentication_required")
            }
        }
    }

    @Test func routesThatTakeAFreshSessionRefuseAnotherOne() async throws {
        try await RunningAPI.with { api in
            for route in Self.guarded {
                let fresh: Bool
                switch route.access {
                case .sessionRole(_, let isFresh), .platformAdmin(let isFresh): fresh = isFresh
                default: continue
                }
                let example = try await RouteExample(of: route, api)
                try await api.ageSessions()
                let reply = try await api.send(example, as: example.caller.accessToken)
                #expect((reply.code == "reauthentication_required") == fresh, "\(route.operationID): \(reply.status)")
                #expect((reply.status == 403) == fresh)
            }
        }
    }

    @Test func anotherTenantsIDIsAnsweredLikeAnUnknownOne() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register("ada")
            let bob = try await api.register("bob")
            let bobsToken = try await api.token(bob, scopes: ["admin"], more: #","expiresInDays":1"#)
            _ = try await api.token(ada)
            for route in Self.guarded where route.path.contains("{") && !route.access.isForThePlatform {
                let example = try await RouteExample(of: route, api)
                for credential in route.access.takesSession ? [bob.accessToken] : [bob.accessToken, bobsToken.secret] {
                    let foreign = try await api.send(example, as: credential)
                    let unknown = try await api.send(example, id: UUID().uuidString.lowercased(), as: credential)
                    let malformed = try await api.send(example, id: "not-an-id", as: credential)
                    for reply in [foreign, unknown, malformed] {
                        #expect(reply.status == 404, "\(route.operationID)")
                        #expect(reply.body.names == unknown.body.names)
                        #expect(reply.body.detail == unknown.body.detail)
                    }
                }
                // Nothing happened to it: its own people still reach it.
                #expect((200...299).contains(try await api.send(example, as: example.caller.accessToken).status), "\(route.operationID)")
            }
            // The lists of each show their own only.
            let listed = try await api.get("/api/v1/tokens?all=true", as: bob.accessToken)
            #expect(listed.body.tokens.array.map(\.id.string) == [bobsToken.id])
            #expect(try await api.get("/api/v1/members", as: bob.accessToken).body.members.array.map(\.userId.string) == [bob.user])
        }
    }

    @Test func othersTokensTakeThePermissionForThem() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register("ada")
            let eve = try await api.join(ada, as: "member", name: "eve")
            let adas = try await api.token(ada)
            let eves = try await api.token(eve)
            for route in Self.guarded where route.path.contains("/tokens/{id}") {
                #expect(try await api.send(route, id: adas.id, as: eve.accessToken).status == 404, "\(route.operationID)")
            }
            #expect(try await api.get("/api/v1/tokens?all=true", as: eve.accessToken).status == 403)
            #expect(try await api.get("/api/v1/tokens/\(eves.id)", as: ada.accessToken).status == 200)
            // An owner may narrow a member's token, never widen it.
            #expect(try await api.send("PATCH", "/api/v1/tokens/\(eves.id)", as: ada.accessToken, json: #"{"isActive":false}"#).status == 200)
            #expect(try await api.send("PATCH", "/api/v1/tokens/\(eves.id)", as: ada.accessToken, json: #"{"isActive":true}"#).status == 403)
            #expect(try await api.post("/api/v1/tokens/\(eves.id)/revoke", as: ada.accessToken).status == 200)
        }
    }

    @Test func wrongMethodsAreToldTheRightOnes() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let paths = Dictionary(grouping: Endpoint.all, by: \.path)
            for (path, routes) in paths {
                let allowed = Set(routes.map(\.method.rawValue) + (routes.contains { $0.method == .get } ? ["HEAD"] : []) + ["OPTIONS"])
                let address = path.with(id: UUID().uuidString)
                for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] where !allowed.contains(method) {
                    let reply = try await api.send(method, address, as: ada.accessToken)
                    #expect(reply.status == 405, "\(method) \(path)")
                    #expect(Set((reply.header("Allow") ?? "").components(separatedBy: ", ")) == allowed)
                    #expect(reply.code == "method_not_allowed")
                }
                if routes.contains(where: { $0.method == .options }) { continue }
                let options = try await api.send("OPTIONS", address)
                #expect(options.status == 204)
                #expect(Set((options.header("Allow") ?? "").components(separatedBy: ", ")) == allowed)
            }
            let head = try await api.send("HEAD", "/api/v1/me", as: ada.accessToken)
            #expect(head.status == 200)
            #expect(head.bytes.isEmpty)
            for (path, status) in [("/api/v1/me", 401), ("/api/v1/nowhere", 404), ("/api/v1/auth/login", 405)] {
                #expect(try await api.send("HEAD", path).status == status, "\(path)")
            }
        }
    }
}

extension Access {
    /// Whether no API token may, whatever its scopes.
    fileprivate var takesSession: Bool {
        switch self {
        case .session, .account, .sessionRole, .platformAdmin: true
        case .open, .optionalSession, .credential, .permission, .sessionOrPermission, .ownToken, .forwarded, .introspection: false
        }
    }

    fileprivate var isForThePlatform: Bool { if case .platformAdmin = self { true } else { false } }
}

extension RunningAPI {
    /// Lets every session's password have been given 16 minutes ago.
    func ageSessions() async throws {
        let connection = try await database.connect()
        _ = try await connection.query("UPDATE tessera.sessions SET auth_time = now() - interval '16 minutes'")
        await connection.close()
    }

    /// Calls a route of the table with `id` in its path.
    func send(_ route: Endpoint, id: String, as credential: String?) async throws -> Reply {
        try await send(
            route.method.rawValue, route.path.with(id: id), as: credential, json: RouteExample.body(of: route),
            headers: RouteExample.headers(of: route))
    }

    func send(_ example: RouteExample, id: String? = nil, as credential: String) async throws -> Reply {
        try await send(
            example.route.method.rawValue, example.route.path.with(id: id ?? example.id), as: credential, json: example.body,
            headers: RouteExample.headers(of: example.route))
    }

    /// Makes someone a member of the tenant of `account`, past the API, and logs them in there.
    func join(_ account: Account, as role: String, name: String) async throws -> Account {
        let other = try await register(name)
        let connection = try await database.connect()
        _ = try await connection.query(
            """
            INSERT INTO tessera.memberships (tenant_id, user_id, role, name, email, joined_at)
            VALUES (\(account.tenant)::text::uuid, \(other.user)::text::uuid, \(role), \(name), \(other.email), now())
            """)
        await connection.close()
        return try Account(
            email: other.email,
            try await post("/api/v1/auth/login", #"{"email":"\#(other.email)","password":"correct horse battery","tenant":"\#(account.tenant)"}"#))
    }
}

extension String {
    /// A route's template with `id` in the place of its parameters; flags are declared, so there is one to name.
    func with(id: String) -> String {
        replacing("{key}", with: "api-tokens").replacing("{name}", with: "not-found").replacing(/\{[A-Za-z]+\}/, with: id)
    }
}
