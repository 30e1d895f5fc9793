import Admin
import Foundation
import HTTP
import HTTPTypes
import Support
import Testing

/// The document says what the product does.
@Suite struct DocumentTests {
    @Test func everyRouteIsDescribedOnceAndNothingElseIs() throws {
        let descriptions = API.descriptions + AdminAPI.descriptions
        #expect(Set(descriptions.map(\.id)).count == descriptions.count)
        #expect(Set(descriptions.map(\.id)) == Set(Endpoint.all.map(\.operationID)))
        _ = try OpenAPIDocument(endpoints: Endpoint.all, descriptions: descriptions, schemas: Schemas.all)
        let short = try #require(throws: OpenAPIDocument.Mismatch.self) {
            try OpenAPIDocument(endpoints: Array(Endpoint.all.dropFirst()), descriptions: Array(descriptions.dropLast()), schemas: [:])
        }
        #expect(short.undescribed == [descriptions.last?.id])
        #expect(short.unknown == [Endpoint.all.first?.operationID])
    }

    @Test func whatIsAnsweredFitsTheDocumentAndSoDoItsExamples() async throws {
        try await RunningAPI.with { api in
            let served = try await api.get("/openapi.json")
            #expect(served.header("Cache-Control") == "public, max-age=300")
            #expect(served.header("ETag")?.isEmpty == false)
            var answers: [[String: Any]] = []
            func note(_ operation: String, _ reply: Reply) throws {
                var body: Any = NSNull()
                if reply.header("Content-Type")?.contains("json") == true, reply.header("Content-Type") != "application/x-ndjson" {
                    body = try JSONSerialization.jsonObject(with: reply.bytes, options: .fragmentsAllowed)
                } else if !reply.bytes.isEmpty {
                    body = String(decoding: reply.bytes, as: UTF8.self)
                }
                answers.append(["operation": operation, "status": reply.status, "body": body])
            }
            for route in Endpoint.all where !route.access.isForAnyone {
                let example = try await RouteExample(of: route, api)
                try note(route.operationID, try await api.send(route, id: UUID().uuidString.lowercased(), as: nil))
                if route.path.contains("{") {
                    let unknown = UUID().uuidString.lowercased()
                    try note(route.operationID, try await api.send(example, id: unknown, as: example.caller.accessToken))
                }
                let credential = route.access.isOfATokenItself ? example.token : example.caller.accessToken
                let reply = try await api.send(example, as: credential)
                #expect((200...299).contains(reply.status), "\(route.operationID): \(reply.status)")
                try note(route.operationID, reply)
            }
            let ada = try await api.register()
            try note("login", try await api.post("/api/v1/auth/login", #"{"email":"\#(ada.email)","password":"correct horse battery"}"#))
            try note("login", try await api.post("/api/v1/auth/login", #"{"email":"\#(ada.email)","password":"wrong"}"#))
            try note("refreshSession", try await api.post("/api/v1/auth/refresh", #"{"refreshToken":"\#(ada.refreshToken)"}"#))
            for path in ["/health": "getHealth", "/livez": "getLiveness", "/readyz": "getReadiness", "/.well-known/jwks.json": "getKeys"] {
                try note(path.value, try await api.get(path.key))
            }
            let document = try JSONSerialization.jsonObject(with: served.bytes)
            let input = try JSONSerialization.data(withJSONObject: ["document": document, "answers": answers])
            let file = api.home + "/answers.json"
            try input.write(to: URL(filePath: file))
            let checked = try await run(
                "/bin/sh", ["-c", "\(PythonServer.python()) \(Checkout.path("Tests/AcceptanceTests/Contract/conforms.py")) < \(file)"])
            try FileManager.default.removeItem(atPath: file)
            #expect(checked.code == 0, "\(checked.errors)")
            #expect(checked.output.isEmpty, "\(checked.output)")
            #expect(answers.count > 200)
        }
    }
}

extension Access {
    /// Whether an API token is what answers best.
    fileprivate var isOfATokenItself: Bool { self == .ownToken }

    fileprivate var isForAnyone: Bool { self == .open || self == .optionalSession }
}
