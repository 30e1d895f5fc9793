import Foundation
import HTTP
import HTTPTypes
import Postgres
import Support
import Testing

/// Nobody sets what a route doesn't take: roles, tenants, owners and states come from the credential and the database alone.
@Suite struct MassAssignmentTests {
    /// What attackers add, with a value that would pay.
    private static let extras = [
        ("role", #""owner""#), ("tenant", #""other""#), ("tenantId", #""00000000-0000-0000-0000-000000000000""#), ("isPlatformAdmin", "true"),
        ("userId", #""00000000-0000-0000-0000-000000000000""#), ("ownerId", #""00000000-0000-0000-0000-000000000000""#),
        ("id", #""00000000-0000-0000-0000-000000000000""#), ("status", #""active""#), ("emailVerified", "true"), ("passwordHash", #""!""#),
        ("permissions", #"["tenant:write"]"#), ("createdBy", "null"), ("Email", "null"), ("is_platform_admin", "true"), ("__proto__", "{}"),
        ("", "1"),
    ]

    private static let policy: Set<String> = [
        "maxLifetimeDays", "requireExpiry", "allowedScopesByRole", "allowedCidrs", "idleDays", "onExposure", "onReuse",
    ]

    /// By operationId: what each route that takes a body does take (`design/API.md`). Whoever adds a route adds it here.
    private static let members: [String: Set<String>] = [
        "register": ["email", "password", "name", "tenantName", "tenantSlug", "transport"],
        "login": ["email", "password", "tenant", "transport", "deviceToken"], "refreshSession": ["refreshToken", "tenant", "transport"],
        "reauthenticate": ["password", "transport"], "forgotPassword": ["email"], "resetPassword": ["secret", "password", "revokeTokens"],
        "confirmEmail": ["secret"], "updateMe": ["name", "email", "currentPassword"],
        "changePassword": ["currentPassword", "newPassword", "revokeTokens"], "createTenant": ["name", "slug"], "updateTenant": ["name", "settings"],
        "updateMember": ["role"], "createInvitation": ["email", "role"], "lookUpInvitation": ["secret"],
        "acceptInvitation": ["secret", "name", "password", "transport"], "createServiceAccount": ["name", "role"],
        "updateServiceAccount": ["name", "role", "status"], "adminCreateTenant": ["name", "slug", "ownerEmail"], "adminUpdateTenant": ["status"],
        "adminUpdateUser": ["status"], "adminOverrideFeatureFlag": ["enabled", "reason"],
        "adminSetFeatureFlag": ["defaultEnabled", "killed", "rolloutPercent", "description", "reason"],
        "adminGrantTokenPrefix": ["prefix", "length", "alphabet"], "importTokens": ["tokens"],
        "revokeTokens": ["filter", "dryRun", "expectedCount"], "setTokenPolicy": policy, "previewTokenPolicy": policy,
        "adminSetTenantLimits": ["token", "user", "tenant", "shadow"],
        "createToken": [
            "name", "scopes", "description", "expiresAt", "expiresInDays", "allowedCidrs", "rateLimit", "metadata", "serviceAccountId",
        ],
        "updateToken": ["name", "description", "isActive", "expiresAt", "allowedCidrs", "rateLimit", "metadata", "scopes"],
        "revokeToken": ["reason"], "rotateToken": ["overlapSeconds"], "rotateOwnToken": ["overlapSeconds"], "logout": [], "resendInvitation": [],
        "finishTokenRotation": [], "reportLeakedTokens": ["tokens"], "readNotice": [], "adminGrantPlatformAdmin": [],
    ]

    /// But what a proxy asks about (its body is the upstream's), and introspection, which takes a form.
    private static var routes: [Endpoint] {
        Endpoint.all.filter { ["POST", "PATCH", "PUT"].contains($0.method.rawValue) && $0.access != .forwarded && $0.operationID != "introspect" }
    }

    @Test func everyRouteWithABodyIsHere() {
        #expect(Set(Self.routes.map(\.operationID)) == Set(Self.members.keys))
    }

    @Test func membersThatARouteDoesNotTakeAreRefusedAndNothingIsDone() async throws {
        try await RunningAPI.with(["TESSERA_LIMITS_RESET": "off"]) { api in
            let columns = try await api.columnNames()
            var refused = 0
            for route in Self.routes {
                let (operation, members) = (route.operationID, Self.members[route.operationID] ?? [])
                if members.isEmpty { continue }
                let example = try await FilledExample(of: route, api)
                try await api.mailsAreSent()
                let before = try await api.contents()
                for (name, value) in Self.extras where !members.contains(name) {
                    let reply = try await example.send(#""\#(name)":\#(value)"#, api)
                    #expect(reply.status == 422, "\(operation), \(name)")
                    #expect(reply.code == "validation_failed", "\(operation), \(name)")
                    let faults = reply.body.errors.array.map { "\($0.pointer.string ?? "") \($0.code.string ?? "")" }
                    #expect(faults == ["/\(name) unknown_field"], "\(operation)")
                    refused += 1
                }
                // What the database calls its columns, and how JSON would spell that, all at once.
                let strange = columns.filter { !members.contains($0) }
                let reply = try await example.send(strange.map { "\"\($0)\":1" }.joined(separator: ","), api)
                #expect(reply.status == 422, "\(operation)")
                #expect(reply.body.errors.array.compactMap(\.pointer.string) == strange.map { "/\($0)" }, "\(operation)")
                #expect(reply.body.errors.array.allSatisfy { $0.code.string == "unknown_field" }, "\(operation)")
                #expect(try await api.contents() == before, "\(operation)")
                // Nothing else was wrong with it.
                let accepted = try await example.send("", api)
                #expect((200...299).contains(accepted.status), "\(operation): \(accepted.status) \(accepted.body)")
            }
            print("\(refused) members and \(columns.count) columns refused")
        }
    }

    @Test func aBodyWhereNoneBelongsIsRefused() async throws {
        try await RunningAPI.with { api in
            for route in Self.routes where Self.members[route.operationID]?.isEmpty == true {
                let example = try await FilledExample(of: route, api)
                let reply = try await example.send(#""role":"owner""#, api)
                #expect(reply.status == 422, "\(route.operationID)")
                #expect(reply.body.errors[0].code.string == "unknown_field", "\(route.operationID)")
                #expect((200...299).contains(try await example.send("", api).status), "\(route.operationID)")
            }
        }
    }
}

/// A call that succeeds, of any route, to which members can be added.
struct FilledExample {
    private let route: Endpoint
    private let credential: String?
    private let path: String
    private let body: String?

    init(of route: Endpoint, _ api: RunningAPI) async throws {
        self.route = route
        if route.access != .open, route.operationID != "acceptInvitation" {
            let example = try await RouteExample(of: route, api)
            (credential, path) = (
                route.access == .ownToken ? example.token : example.caller.accessToken, route.path.with(id: example.id)
            )
            body = example.body
        } else {
            (credential, path, body) = (nil, route.path, try await Self.body(of: route.operationID, api))
        }
    }

    /// Sends the body with `more` in it.
    func send(_ more: String, _ api: RunningAPI) async throws -> Reply {
        guard !more.isEmpty else { return try await api.send(route.method.rawValue, path, as: credential, json: body) }
        let json = body.map { "\($0.dropLast()),\(more)}" } ?? "{\(more)}"
        return try await api.send(route.method.rawValue, path, as: credential, json: json)
    }

    private static func body(of operation: String, _ api: RunningAPI) async throws -> String {
        let ada = try await api.register()
        switch operation {
        case "register": return #"{"email":"\#(UUID().uuidString)@example.com","password":"correct horse battery","name":"eve","tenantName":"eve"}"#
        case "login": return #"{"email":"\#(ada.email)","password":"correct horse battery"}"#
        case "refreshSession": return #"{"refreshToken":"\#(ada.refreshToken)"}"#
        case "reportLeakedTokens": return #"{"tokens":["tsr_x"]}"#
        case "forgotPassword": return #"{"email":"\#(ada.email)"}"#
        case "resetPassword":
            _ = try await api.post("/api/v1/auth/password/forgot", #"{"email":"\#(ada.email)"}"#)
            return #"{"secret":"\#(try await api.mailedSecret("Reset your password", to: ada.email))","password":"another horse battery"}"#
        case "confirmEmail": return #"{"secret":"\#(try await api.mailedSecret("Confirm your e-mail", to: ada.email))"}"#
        default:
            let email = "\(UUID().uuidString.lowercased())@example.com"
            _ = try await api.post("/api/v1/invitations", #"{"email":"\#(email)","role":"viewer"}"#, as: ada.accessToken)
            let secret = try await api.mailedSecret("You are invited", to: email)
            if operation == "lookUpInvitation" { return #"{"secret":"\#(secret)"}"# }
            return #"{"secret":"\#(secret)","name":"eve","password":"correct horse battery"}"#
        }
    }
}

extension RunningAPI {
    /// Every column of every table, as it is called and in camel case.
    fileprivate func columnNames() async throws -> [String] {
        let connection = try await database.connect()
        let columns = try await connection.query("SELECT DISTINCT column_name::text FROM information_schema.columns WHERE table_schema = 'tessera'")
            .decode(String.self)
        await connection.close()
        let camel = columns.map { $0.replacing(/_([a-z])/) { $0.1.uppercased() } }
        return Set(columns + camel).sorted()
    }

    /// All that the database holds, but the usage of tokens.
    fileprivate func contents() async throws -> [Substring] {
        let dump = try await run(
            Checkout.postgres("pg_dump"),
            [
                "--data-only", "--exclude-table-data=*.*usage*", "--exclude-table-data=*.token_activity", "--exclude-table-data=*.job_runs",
                "--exclude-table-data=*.audit_head_logged",
                database.url(role: "postgres"),
            ])
        guard dump.code == 0 else { throw Missing(what: dump.errors) }
        // The key of psql's restricted mode is another one in each dump.
        return dump.output.split(separator: "\n").filter { !$0.hasPrefix("\\restrict") && !$0.hasPrefix("\\unrestrict") }
    }

    fileprivate func mailsAreSent() async throws {
        let connection = try await database.connect()
        try await eventually("the mails are done with") {
            try await connection.query("SELECT count(*) FROM tessera.outbox WHERE sent_at IS NULL").decode(Int.self) == [0]
        }
        await connection.close()
    }
}
