import Foundation
import HTTP
import HTTPTypes
import Support
import Testing

/// What has versions says which one it is, and a change that rests on another is refused.
@Suite struct VersionTests {
    @Test func everyAnswerAboutSomethingVersionedHasItsTag() async throws {
        try await RunningAPI.with { api in
            for route in Endpoint.all where route.isVersioned && route.method != .delete {
                let example = try await RouteExample(of: route, api)
                let credential = route.access == .ownToken ? example.token : example.caller.accessToken
                let reply = try await api.send(
                    route.method.rawValue, route.path.with(id: example.id), as: credential, json: example.body)
                let version = try #require(reply.body.version.int, "\(route.operationID): \(reply.status)")
                #expect(reply.header("ETag") == "\"\(version)\"", "\(route.operationID)")
            }
        }
    }

    @Test func everyChangeOfSomethingVersionedRestsOnTheVersionItNames() async throws {
        try await RunningAPI.with { api in
            // Features have no address of their own to read them from: their administration's tests ask for the versions.
            let readable = Set(Endpoint.all.filter { $0.method == .get }.map(\.path))
            let changing = Endpoint.all.filter { $0.isVersioned && ($0.method == .patch || $0.method == .put) && readable.contains($0.path) }
            #expect(Set(changing.map(\.operationID)).isSuperset(of: ["updateToken", "updateTenant", "updateServiceAccount", "adminSetTenantLimits"]))
            for route in changing {
                let example = try await RouteExample(of: route, api)
                let path = route.path.with(id: example.id)
                func change(_ tags: String...) async throws -> Reply {
                    try await api.send(
                        route.method.rawValue, path, as: example.caller.accessToken, json: example.body, headers: tags.map { ("If-Match", $0) })
                }
                let before = try await api.get(path, as: example.caller.accessToken)
                let tag = try #require(before.header("ETag"))
                for stale in ["\"98\"", "W/\(tag)", "\"another\"", "\"98\", \"99\""] {
                    let refused = try await change(stale)
                    #expect(refused.status == 412, "\(route.operationID) \(stale)")
                    #expect(refused.code == "precondition_failed")
                }
                #expect(try await change("3").code == "invalid_request")
                #expect(try await api.get(path, as: example.caller.accessToken).header("ETag") == tag)
                let changed = try await change("\"98\", \(tag)")
                #expect(changed.status == 200, "\(route.operationID): \(changed.body)")
                #expect(changed.header("ETag") != tag, "\(route.operationID)")
                #expect(try await change(tag).status == 412)
                #expect(try await change("*").status == 200)
            }
        }
    }

    @Test func ofManyChangesOfOneVersionOneIsMade() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            let account = try #require(
                try await api.post("/api/v1/service-accounts", #"{"name":"ci","role":"member"}"#, as: ada.accessToken).body.id.string)
            for path in ["/api/v1/tokens/\(token.id)", "/api/v1/tenant", "/api/v1/service-accounts/\(account)"] {
                let tag = try #require(try await api.get(path, as: ada.accessToken).header("ETag"))
                let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
                    for number in 0..<8 {
                        group.addTask {
                            try await api.send(
                                "PATCH", path, as: ada.accessToken, json: #"{"name":"name \#(number)"}"#, headers: [("If-Match", tag)])
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(replies.count { $0.status == 200 } == 1, "\(path)")
                #expect(replies.count { $0.code == "precondition_failed" } == 7, "\(path): \(replies.map(\.status))")
                let winner = try #require(replies.first { $0.status == 200 })
                #expect(try await api.get(path, as: ada.accessToken).body.name == winner.body.name)
            }
        }
    }

    @Test func useOfATokenDoesNotMoveItsVersion() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            let path = "/api/v1/tokens/\(token.id)"
            let tag = try await api.get(path, as: ada.accessToken).header("ETag")
            #expect(tag == "\"1\"")
            _ = try await api.get("/api/v1/me", as: token.secret)
            try await eventually("the use is shown") { try await !api.get(path, as: ada.accessToken).body.lastUsedAt.isNull }
            #expect(try await api.get(path, as: ada.accessToken).header("ETag") == tag)
        }
    }

    @Test func whoHasTheKeysIsToldSoInFewWords() async throws {
        try await RunningAPI.with { api in
            let keys = try await api.get("/.well-known/jwks.json")
            let tag = try #require(keys.header("ETag"))
            for held in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                let same = try await api.send("GET", "/.well-known/jwks.json", headers: [("If-None-Match", held)])
                #expect(same.status == 304, "\(held)")
                #expect(same.bytes.isEmpty)
                #expect(same.header("ETag") == tag)
                #expect(same.header("Cache-Control") == "public, max-age=30")
                for name in ["Content-Type", "Content-Length"] { #expect(same.header(name) == nil, "\(name)") }
            }
            #expect(try await api.send("GET", "/.well-known/jwks.json", headers: [("If-None-Match", "\"other\"")]).status == 200)
            #expect(try await api.get("/.well-known/jwks.json").header("ETag") == tag)
        }
    }
}
