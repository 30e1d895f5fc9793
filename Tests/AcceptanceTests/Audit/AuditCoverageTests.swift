import Foundation
import HTTP
import HTTPTypes
import Postgres
import Support
import Testing

/// Every route that changes something leaves exactly one entry in the audit log, and none when it is refused: made from the route table.
@Suite struct AuditCoverageTests {
    /// What looks like a change by its method and leaves no entry, and why.
    private static let exceptions = [
        "refreshSession": "goes on with a session that has its entry; only a second use of the same secret has one",
        "lookUpInvitation": "reads; it is a POST because the secret must not be in a URL",
        "previewTokenPolicy": "reads",
        "introspect": "reads, as RFC 7662 has it",
        "readNotice": "a person's own mark, of no consequence for anybody's rights",
        "reportLeakedTokens": "takes reports; what ends by them has its entries when they are handled",
    ]

    private static var changing: [Endpoint] { Endpoint.all.filter { ![.get, .options].contains($0.method) && $0.access != .forwarded } }

    @Test func everyChangeLeavesExactlyOneEntry() async throws {
        try await RunningAPI.with { api in
            for route in Self.changing {
                let nobodys = try await api.auditEntriesOfNoRequest()
                let reply = try await Self.succeeding(route, api)
                #expect((200...299).contains(reply.status), "\(route.operationID): \(reply.status) \(reply.body)")
                let expected = Self.exceptions[route.operationID] == nil ? 1 : 0
                if route.operationID == "forgotPassword" {
                    try await eventually("the mail goes out") { try await !api.auditEntries(of: reply).isEmpty }
                }
                let entries = try await api.auditEntries(of: reply)
                if route.operationID == "deleteMe" {
                    // The person, and what goes along with them in their two tenants.
                    #expect(entries.sorted() == ["member.left", "member.left", "token.revoked", "user.deleted"])
                } else {
                    #expect(entries.count == expected, "\(route.operationID): \(entries)")
                }
                #expect(try await api.auditEntriesOfNoRequest() == nobodys, "\(route.operationID)")
            }
            #expect(Set(Self.exceptions.keys).isSubset(of: Self.changing.map(\.operationID)))
            #expect(try await api.auditVerify().code == 0)
        }
    }

    /// A call of the route that changes something: where the example of the other tests has nothing to change, that is made first.
    private static func succeeding(_ route: Endpoint, _ api: RunningAPI) async throws -> Reply {
        if ["introspect", "revokeTokens"].contains(route.operationID) {
            let ada = try await api.register()
            _ = try await api.token(ada, name: "old")
            let body = route.operationID == "introspect" ? "token=x" : #"{"filter":{"q":"old"},"dryRun":false,"expectedCount":1}"#
            return try await api.send("POST", route.path, as: ada.accessToken, json: body, headers: RouteExample.headers(of: route))
        }
        let prepare: ((RouteExample) async throws -> Reply)? =
            switch route.operationID {
            case "endOtherSessions":
                { try await api.post("/api/v1/auth/login", #"{"email":"\#($0.caller.email)","password":"correct horse battery"}"#) }
            case "finishTokenRotation":
                { try await api.post("/api/v1/tokens/\($0.id)/rotate", #"{"overlapSeconds":600}"#, as: $0.caller.accessToken) }
            case "adminWithdrawTokenPrefix": { try await api.grant("gone_\($0.id.prefix(8))_", to: $0.id, as: $0.caller) }
            case "adminRevokePlatformAdmin": { try await api.send("PUT", "/api/v1/admin/users/\($0.id)/platform-admin", as: $0.caller.accessToken) }
            default: nil
            }
        guard let prepare else { return try await FilledExample(of: route, api).send("", api) }
        let example = try await RouteExample(of: route, api)
        let prepared = try await prepare(example)
        #expect((200...299).contains(prepared.status), "\(route.operationID): \(prepared.body)")
        return try await api.send(route.method.rawValue, route.path.with(id: example.id), as: example.caller.accessToken, json: example.body)
    }

    @Test func whatIsRefusedLeavesNone() async throws {
        try await RunningAPI.with { api in
            for route in Self.changing {
                let example = try await FilledExample(of: route, api)
                let path = route.path.with(id: UUID().uuidString.lowercased())
                let body = RouteExample.body(of: route)
                let headers = RouteExample.headers(of: route)
                let owner = try await api.register()
                let token = try await api.token(owner, scopes: ["read"]).secret
                var replies: [Reply] = []
                if route.operationID != "introspect" { replies.append(try await example.send(#""nonsense":1"#, api)) }
                for credential in [nil, "tsr_nonsense", token] {
                    replies.append(try await api.send(route.method.rawValue, path, as: credential, json: body, headers: headers))
                }
                // A stranger with a session of their own, on what isn't there.
                if route.path.contains("{") { replies.append(try await api.send(route.method.rawValue, path, as: owner.accessToken, json: body)) }
                let refused = replies.filter { $0.status >= 400 }
                #expect(refused.count >= (route.access == .credential ? 0 : 1), "\(route.operationID)")
                for reply in refused {
                    let entries = try await api.auditEntries(of: reply)
                    #expect(entries.isEmpty, "\(route.operationID), \(reply.status): \(entries)")
                }
            }
        }
    }

    @Test func aChangeOfManyLeavesOneEntryForEach() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            for number in 1...3 { _ = try await api.token(ada, name: "old \(number)") }
            let revoked = try await api.post(
                "/api/v1/tokens/revoke", #"{"filter":{"q":"old"},"dryRun":false,"expectedCount":3}"#, as: ada.accessToken)
            #expect(revoked.status == 200)
            #expect(try await api.auditEntries(of: revoked) == Array(repeating: "token.revoked", count: 3))
            try await api.grantPrefix("t_\(ada.tenant.prefix(18))_", to: ada.tenant)
            let hashes = ["a", "b"].map { String(repeating: $0, count: 64) }
            let items = hashes.map { #"{"name":"\#($0)","sha256":"\#($0)","expiresInDays":9}"# }.joined(separator: ",")
            let imported = try await api.post("/api/v1/tokens/imports", #"{"tokens":[\#(items)]}"#, as: ada.accessToken)
            #expect((200...299).contains(imported.status))
            #expect(try await api.auditEntries(of: imported) == Array(repeating: "token.imported", count: 2))
            // What goes along with somebody is told one by one, in the log of each tenant.
            let eve = try await api.join(ada, as: "member", name: "eve")
            _ = try await api.token(eve)
            let left = try await api.send("DELETE", "/api/v1/members/\(eve.user)", as: ada.accessToken)
            #expect(left.status == 204)
            #expect(try await api.auditEntries(of: left).sorted() == ["member.removed", "token.revoked"])
            // A failed login is no change, and yet worth an entry.
            let failed = try await api.post("/api/v1/auth/login", #"{"email":"\#(ada.email)","password":"wrong wrong wrong"}"#)
            #expect(try await api.auditEntries(of: failed) == ["user.login_failed"])
        }
    }
}

extension RunningAPI {
    /// The actions of the entries that a request left, the oldest first.
    fileprivate func auditEntries(of reply: Reply) async throws -> [String] {
        let id = try #require(reply.header("X-Request-Id"))
        return try await onDatabase {
            try await $0.query("SELECT action FROM tessera.audit_log WHERE request_id = \(id)::text::uuid ORDER BY tenant_id, seq").decode(
                String.self)
        }
    }

    /// How many entries there are that no request left.
    fileprivate func auditEntriesOfNoRequest() async throws -> Int {
        try await onDatabase { try await $0.query("SELECT count(*) FROM tessera.audit_log WHERE request_id IS NULL").decode(Int.self)[0] }
    }
}
