import Admin
import Foundation
import HTTP
import Postgres
import Support

/// A call of a route that succeeds: by whom, on what, with which body.
struct RouteExample {
    let route: Endpoint
    let caller: Account
    /// An API token of the caller with all that a scope can give. Its end is far, as that of every token here: nothing happens by itself.
    let token: String
    /// What stands in the path.
    let id: String
    let body: String?

    /// Makes the people and the target.
    init(of route: Endpoint, _ api: RunningAPI) async throws {
        self.route = route
        let owner = try await api.register()
        switch route.access {
        case .platformAdmin: caller = try await api.platformAdmin()
        default: caller = route.operationID == "deleteMe" ? try await Self.guest(of: owner, api) : owner
        }
        token = try await api.token(caller, scopes: ["admin", "self:rotate"], more: #","expiresInDays":60"#).secret
        id = try await Self.target(of: route, caller, api)
        body = Self.body(of: route)
    }

    /// Somebody who owns nothing: whoever is the last owner of a tenant can't leave.
    private static func guest(of owner: Account, _ api: RunningAPI) async throws -> Account {
        let guest = try await api.join(owner, as: "admin", name: "eve")
        let connection = try await api.database.connect()
        _ = try await connection.query("UPDATE tessera.memberships SET role = 'member' WHERE user_id = \(guest.user)::text::uuid AND role = 'owner'")
        await connection.close()
        return guest
    }

    private static func target(of route: Endpoint, _ caller: Account, _ api: RunningAPI) async throws -> String {
        if route.operationID == "importTokens" { try await api.grantPrefix("t_\(caller.tenant.prefix(18))_", to: caller.tenant) }
        guard route.path.contains("{") else { return "" }
        if route.path.hasPrefix("/api/v1/auth/sessions/") {
            _ = try await api.post("/api/v1/auth/login", #"{"email":"\#(caller.email)","password":"correct horse battery"}"#)
            let sessions = try await api.get("/api/v1/auth/sessions", as: caller.accessToken).body.sessions.array
            return sessions.first { $0.current.bool == false }?.id.string ?? ""
        }
        if route.path.hasPrefix("/api/v1/admin/users/") { return try await api.register("bea").user }
        if route.path.hasPrefix("/api/v1/admin/tenants/") { return try await api.register("bea").tenant }
        if route.path.hasPrefix("/api/v1/admin/feature-flags/") {
            let tenant = try await api.register("bea").tenant
            if route.operationID == "adminRemoveFeatureFlagOverride" {
                _ = try await api.send("PUT", route.path.with(id: tenant), as: caller.accessToken, json: #"{"enabled":true,"reason":"an example"}"#)
            }
            return tenant
        }
        if route.path.hasPrefix("/api/v1/members/") { return try await api.join(caller, as: "member", name: "bea").user }
        if route.path.hasPrefix("/api/v1/invitations/") {
            return try await api.post("/api/v1/invitations", "{\"email\":\"new@example.com\",\"role\":\"member\"}", as: caller.accessToken).body.id
                .string ?? ""
        }
        if route.path.hasPrefix("/api/v1/notices/") {
            let connection = try await api.database.connect()
            let id = try await Cast.target(of: route.path, in: caller.tenant, for: caller.user, connection)
            await connection.close()
            return id
        }
        if route.path.hasPrefix("/api/v1/service-accounts/") {
            return try await api.post("/api/v1/service-accounts", "{\"name\":\"ci\",\"role\":\"member\"}", as: caller.accessToken).body.id.string
                ?? ""
        }
        return try await api.token(caller, more: #","expiresInDays":40"#).id
    }

    /// A body that succeeds, however often it is sent; nil where none is needed.
    static func body(of route: Endpoint) -> String? {
        bodies[route.operationID]?.replacingOccurrences(of: "UNIQUE", with: UUID().uuidString.prefix(8).lowercased())
    }

    /// What the body of a call of `route` is sent as, where that isn't JSON.
    static func headers(of route: Endpoint) -> [(String, String)] {
        route.operationID == "introspect" ? [("Content-Type", "application/x-www-form-urlencoded")] : []
    }

    /// By operationId.
    private static let bodies = [
        "createTenant": #"{"name":"Another"}"#,
        "createToken": #"{"name":"another UNIQUE","expiresInDays":40}"#,
        "importTokens": #"{"tokens":[{"name":"imported UNIQUE","sha256":"UNIQUEUNIQUEUNIQUEUNIQUEUNIQUEUNIQUEUNIQUEUNIQUE","expiresInDays":40}]}"#,
        "adminGrantTokenPrefix": #"{"prefix":"old_UNIQUE_","length":40,"alphabet":"0123456789abcdefghijklmnopqrstuvwxyz"}"#,
        "adminSetTenantLimits": #"{"token":{"requests":1000000,"windowSeconds":60},"shadow":["tenant"]}"#,
        "updateToken": #"{"name":"renamed UNIQUE"}"#,
        "reauthenticate": #"{"password":"correct horse battery"}"#,
        "updateTenant": #"{"name":"Renamed","settings":{}}"#,
        "updateMember": #"{"role":"viewer"}"#,
        "createInvitation": #"{"email":"new-UNIQUE@example.com","role":"member"}"#,
        "createServiceAccount": #"{"name":"ci UNIQUE","role":"member"}"#,
        "updateServiceAccount": #"{"role":"viewer"}"#,
        "adminCreateTenant": #"{"name":"Another","ownerEmail":"new-UNIQUE@example.com"}"#,
        "adminUpdateTenant": #"{"status":"suspended"}"#,
        "adminUpdateUser": #"{"status":"disabled"}"#,
        // Tokens stay on for everybody.
        "adminSetFeatureFlag": #"{"defaultEnabled":true,"killed":false,"rolloutPercent":10,"description":"Tokens UNIQUE","reason":"an example"}"#,
        "adminOverrideFeatureFlag": #"{"enabled":true,"reason":"an example UNIQUE"}"#,
        "setTokenPolicy": #"{"maxLifetimeDays":90}"#,
        "previewTokenPolicy": #"{"idleDays":30}"#,
        "introspect": "token=x",
        "revokeTokens": #"{"filter":{"q":"nothing of that name"}}"#,
        "updateMe": #"{"name":"Renamed"}"#,
        "changePassword": #"{"currentPassword":"correct horse battery","newPassword":"another horse battery"}"#,
    ]
}

extension Endpoint {
    /// The whole table.
    static let all = API.routes.map(\.endpoint) + AdminAPI.routes.map(\.endpoint)
}
