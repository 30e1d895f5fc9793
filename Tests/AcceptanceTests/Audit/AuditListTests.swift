import Foundation
import Support
import Testing

/// Tenants read their audit log, platform administrators everyone's.
@Suite struct AuditListTests {
    @Test func everyEntryTellsWhoDidWhatToWhatFromWhere() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let made = try await api.post("/api/v1/service-accounts", #"{"name":"ci","role":"member"}"#, as: ada.accessToken)
            let reply = try await api.get("/api/v1/audit", as: ada.accessToken)
            #expect(reply.status == 200)
            #expect(reply.body.names == ["events", "pagination"])
            let event = reply.body.events[0]
            #expect(event.names == ["action", "actor", "changes", "id", "ipAddress", "occurredAt", "requestId", "target"])
            #expect(event.actor == JSON(Data(#"{"type":"user","id":"\#(ada.user)"}"#.utf8)))
            #expect(event.target == JSON(Data(#"{"type":"service_account","id":"\#(made.body.id.string ?? "")"}"#.utf8)))
            #expect(event.action.string == "service_account.created")
            #expect(event.requestId.string == made.header("X-Request-Id"))
            #expect(event.ipAddress.string == "127.0.0.1")
            #expect(event.changes.role.string == "member")
            #expect(event.occurredAt.string?.hasSuffix("Z") == true)
            #expect(
                reply.body.pagination
                    == JSON(Data(#"{"page":null,"limit":25,"total":null,"totalPages":null,"totalIsCapped":false,"nextCursor":null}"#.utf8)))
            #expect(reply.header("Link") == #"</api/v1/audit?limit=25>; rel="first""#)
        }
    }

    @Test func theListIsWalkedByCursorsThatAreBoundToItsFilters() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            try await api.writeAudit(7, in: ada.tenant)
            var (walked, cursor): ([String], String?) = ([], "")
            while let next = cursor {
                let reply = try await api.get("/api/v1/audit?actor=system&limit=3\(next.isEmpty ? "" : "&cursor=\(next)")", as: ada.accessToken)
                walked += reply.body.events.array.compactMap(\.target.id.string)
                cursor = reply.body.pagination.nextCursor.string
                if let cursor { #expect(reply.header("Link")?.contains("cursor=\(cursor)>; rel=\"next\"") == true) }
            }
            #expect(walked == ["7", "6", "5", "4", "3", "2", "1"])
            let bound = try #require(
                try await api.get("/api/v1/audit?limit=3&action=token.revoked", as: ada.accessToken).body.pagination.nextCursor.string)
            for path in [
                "/api/v1/audit?limit=3&cursor=\(bound)", "/api/v1/audit?action=token.created&cursor=\(bound)", "/api/v1/members?cursor=\(bound)",
            ] {
                #expect(try await api.get(path, as: ada.accessToken).code == "invalid_cursor", "\(path)")
            }
            for query in [
                "page=1", "limit=0", "limit=101", "actor=ada", "actor=", "action=token", "action=TOKEN.created", "target=", "from=2026-02-30",
                "sort=id",
                "tenant=\(ada.tenant)",
            ] {
                let reply = try await api.get("/api/v1/audit?\(query)", as: ada.accessToken)
                #expect(reply.status == 422, "\(query)")
                #expect(reply.code == "validation_failed", "\(query)")
            }
            #expect(try await api.get("/api/v1/audit?target=3&from=2026-01-01&to=2999-01-01", as: ada.accessToken).body.events.array.count == 1)
        }
    }

    @Test func anotherTenantsEntriesAreNobodysBusiness() async throws {
        try await RunningAPI.with { api in
            let (ada, bob) = (try await api.register("ada"), try await api.register("bob"))
            let eve = try await api.join(ada, as: "member", name: "eve")
            let token = try await api.token(ada, scopes: ["audit:read"])
            for credential in [ada.accessToken, token.secret] {
                for query in ["", "?actor=\(bob.user)", "?target=\(bob.user)"] {
                    for path in ["/api/v1/audit", "/api/v1/audit/export"] {
                        let reply = try await api.get(path + query, as: credential)
                        #expect(reply.status == 200)
                        #expect(!String(decoding: reply.bytes, as: UTF8.self).contains(bob.user), "\(path)\(query)")
                    }
                }
            }
            #expect(try await api.get("/api/v1/audit?target=\(bob.user)", as: bob.accessToken).body.events.array.count == 1)
            // Nor is their own that of who isn't an admin.
            #expect(try await api.get("/api/v1/audit", as: eve.accessToken).code == "forbidden")
            #expect(try await api.get("/api/v1/audit/export", as: eve.accessToken).code == "forbidden")
        }
    }

    @Test func platformAdministratorsReadEveryTenants() async throws {
        try await RunningAPI.with { api in
            let root = try await api.platformAdmin()
            let (ada, bob) = (try await api.register("ada"), try await api.register("bob"))
            let all = try await api.get("/api/v1/admin/audit?action=user.registered", as: root.accessToken)
            #expect(all.body.events.array.map(\.tenantId.string) == [bob.tenant, ada.tenant, root.tenant])
            #expect(all.body.events[0].names == ["action", "actor", "changes", "id", "ipAddress", "occurredAt", "requestId", "target", "tenantId"])
            let one = try await api.get("/api/v1/admin/audit?tenant=\(ada.tenant)", as: root.accessToken)
            #expect(one.body.events.array.map(\.target.id.string) == [ada.user])
            let file = try await api.get("/api/v1/admin/audit/export?tenant=\(ada.tenant)", as: root.accessToken)
            #expect(JSON(file.bytes) == one.body.events[0])
            // A platform's own change is nobody's tenant's.
            _ = try await api.send("PATCH", "/api/v1/admin/users/\(bob.user)", as: root.accessToken, json: #"{"status":"disabled"}"#)
            let nobodys = "00000000-0000-0000-0000-000000000000"
            let platform = try await api.get("/api/v1/admin/audit?tenant=\(nobodys)", as: root.accessToken)
            #expect(platform.body.events.array.map(\.action.string) == ["user.disabled"])
            #expect(try await api.get("/api/v1/admin/audit?tenant=acme", as: root.accessToken).status == 422)
            // A cursor of the one list is none of the other.
            let cursor = try await api.get("/api/v1/admin/audit?limit=1", as: root.accessToken).body.pagination.nextCursor.string ?? ""
            #expect(try await api.get("/api/v1/audit?limit=1&cursor=\(cursor)", as: root.accessToken).code == "invalid_cursor")
        }
    }
}
