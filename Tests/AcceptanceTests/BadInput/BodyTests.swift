import Foundation
import Testing

/// What can't be parsed is 400, what can't be accepted 422 with a pointer; nothing is written.
@Suite struct BodyTests {
    /// A body for creating a token, the status it gets, and where the fault is.
    private static let bodies: [(json: String, status: Int, pointer: String)] = [
        (#"{"name":"#, 400, ""), ("", 400, ""), ("nonsense", 400, ""), (#"["name"]"#, 422, ""), (#""name""#, 422, ""), ("null", 422, ""),
        ("{}", 422, "/name"), (#"{"name":null}"#, 422, "/name"), (#"{"name":7}"#, 422, "/name"), (#"{"name":["x"]}"#, 422, "/name"),
        (#"{"name":"   "}"#, 422, "/name"), (#"{"name":"a\u0000b"}"#, 422, "/name"),
        (#"{"name":"\#(String(repeating: "x", count: 101))"}"#, 422, "/name"),
        (#"{"name":"x","nope":1}"#, 422, "/nope"), (#"{"name":"x","a/b~c":1}"#, 422, "/a~1b~0c"), (#"{"name":"x","Name":"y"}"#, 422, "/Name"),
        (#"{"name":"x","tenantId":"0"}"#, 422, "/tenantId"), (#"{"name":"x","role":"owner"}"#, 422, "/role"),
        (#"{"name":"x","scopes":"read"}"#, 422, "/scopes"), (#"{"name":"x","scopes":[]}"#, 422, "/scopes"),
        (#"{"name":"x","scopes":["read","fly"]}"#, 422, "/scopes/1"), (#"{"name":"x","scopes":["read","read"]}"#, 422, "/scopes/1"),
        (#"{"name":"x","scopes":["tenant:write"]}"#, 422, "/scopes/0"), (#"{"name":"x","scopes":[1]}"#, 422, "/scopes/0"),
        (#"{"name":"x","expiresAt":"2026-02-30T00:00:00Z"}"#, 422, "/expiresAt"),
        (#"{"name":"x","expiresAt":"2020-01-01T00:00:00Z"}"#, 422, "/expiresAt"),
        (#"{"name":"x","expiresAt":"9999-01-01T00:00:00Z"}"#, 422, "/expiresAt"), (#"{"name":"x","expiresAt":"tomorrow"}"#, 422, "/expiresAt"),
        (#"{"name":"x","expiresAt":1}"#, 422, "/expiresAt"), (#"{"name":"x","expiresInDays":0}"#, 422, "/expiresInDays"),
        (#"{"name":"x","expiresInDays":1.5}"#, 422, "/expiresInDays"), (#"{"name":"x","expiresInDays":99999999999999999999}"#, 422, "/expiresInDays"),
        (#"{"name":"x","expiresInDays":1,"expiresAt":"2030-01-01T00:00:00Z"}"#, 422, "/expiresAt"),
        (#"{"name":"x","description":"\#(String(repeating: "x", count: 501))"}"#, 422, "/description"),
        (#"{"name":"x","metadata":[]}"#, 422, "/metadata"), (#"{"name":"x","metadata":{"a":{"b":{"c":{"d":{"e":1}}}}}}"#, 422, "/metadata"),
        (#"{"name":"x","metadata":{"a":"\#(String(repeating: "x", count: 5000))"}}"#, 422, "/metadata"),
        (#"{"name":"x","serviceAccountId":"x"}"#, 422, "/serviceAccountId"),
        ("{\"name\":\"\u{FF}\u{0}\"}", 400, ""), (String(repeating: "[", count: 600), 400, ""),
    ]

    @Test func faultyTokenBodiesAreRefusedWithAPointer() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            for (json, status, pointer) in Self.bodies {
                let reply = try await api.post("/api/v1/tokens", json, as: ada.accessToken)
                #expect(reply.status == status, "\(json.prefix(80)): \(reply.body)")
                #expect(reply.header("Content-Type") == "application/problem+json")
                #expect(reply.code == (status == 400 ? "malformed_request" : "validation_failed"), "\(json.prefix(80))")
                if status == 422 { #expect(reply.body.errors[0].pointer.string == pointer, "\(json.prefix(80))") }
            }
            #expect(try await api.get("/api/v1/tokens", as: ada.accessToken).body.pagination.total.int == 0)
        }
    }

    @Test func allFaultsAreNamedAtOnce() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let reply = try await api.post("/api/v1/tokens", #"{"name":"","scopes":["x"],"zzz":1}"#, as: ada.accessToken)
            #expect(reply.body.errors.array.map(\.pointer.string) == ["/name", "/scopes/0", "/zzz"])
        }
    }

    @Test func bodiesOfAnotherTypeOrSizeAreRefused() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx"] {
                let reply = try await api.send(
                    "POST", "/api/v1/tokens", as: ada.accessToken, json: #"{"name":"x"}"#, headers: [("Content-Type", type)])
                #expect(reply.status == 415)
                #expect(reply.code == "unsupported_media_type")
            }
            let charset = try await api.send(
                "POST", "/api/v1/tokens", as: ada.accessToken, json: #"{"name":"x"}"#, headers: [("Content-Type", "application/json; charset=utf-8")])
            #expect(charset.status == 201)
            let large = try await api.post("/api/v1/tokens", #"{"name":"\#(String(repeating: "x", count: 70_000))"}"#, as: ada.accessToken)
            #expect(large.status == 413)
            #expect(large.code == "content_too_large")
        }
    }

    @Test func faultyRegistrationsAreRefused() async throws {
        let bodies: [(String, String)] = [
            (#"{"email":"x","password":"x7k2m9q4","name":"n","tenantName":"t"}"#, "/email"),
            (#"{"email":"a@b@c.de","password":"x7k2m9q4","name":"n","tenantName":"t"}"#, "/email"),
            (#"{"email":"a@b.de","password":"1234567","name":"n","tenantName":"t"}"#, "/password"),
            (#"{"email":"a@b.de","password":"\#(String(repeating: "é", count: 129))","name":"n","tenantName":"t"}"#, "/password"),
            (#"{"email":"a@b.de","password":"x7k2m9q4","name":"n","tenantName":"t","tenantSlug":"A B"}"#, "/tenantSlug"),
            (#"{"email":"a@b.de","password":"x7k2m9q4","name":"n","tenantName":"t","transport":"pigeon"}"#, "/transport"),
            (#"{"email":"a@b.de","password":"x7k2m9q4","name":"n","tenantName":"t","isPlatformAdmin":true}"#, "/isPlatformAdmin"),
        ]
        try await RunningAPI.with { api in
            for (body, pointer) in bodies {
                let reply = try await api.post("/api/v1/auth/register", body)
                #expect(reply.status == 422)
                #expect(reply.body.errors[0].pointer.string == pointer)
            }
        }
    }
}
