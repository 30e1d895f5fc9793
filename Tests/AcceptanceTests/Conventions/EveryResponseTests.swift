import Foundation
import HTTP
import HTTPTypes
import Support
import Testing

/// What every response of every route says, whatever is asked and by which method.
@Suite struct EveryResponseTests {
    private static let headers = ["X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"]

    /// How long what is the same for everyone may be kept.
    private static func keeping(_ path: String) -> String? {
        if path == "/.well-known/jwks.json" { return "public, max-age=30" }
        return ["/openapi.json", "/docs", "/problems", "/llms.txt"].contains { path.hasPrefix($0) } ? "public, max-age=300" : nil
    }

    /// Nothing runs that isn't ours; where no page is, nothing at all.
    private static func isStrict(_ policy: String?, _ type: String?) -> Bool {
        guard type == "text/html; charset=utf-8" else { return policy == "default-src 'none'; frame-ancestors 'none'" }
        guard let policy, policy.hasPrefix("default-src 'none'; "), policy.hasSuffix("frame-ancestors 'none'") else { return false }
        return !policy.contains("unsafe") && !policy.contains("*")
    }

    @Test func everyResponseHasTheSecurityHeaders() async throws {
        try await RunningAPI.with(["TESSERA_HTTP_PUBLIC_URL": "https://tessera.example.com"]) { api in
            let ada = try await api.register()
            for (path, routes) in Dictionary(grouping: Endpoint.all, by: \.path) {
                let allowed = Set(routes.map(\.method.rawValue) + (routes.contains { $0.method == .get } ? ["HEAD"] : []) + ["OPTIONS"])
                let address = path.with(id: UUID().uuidString)
                for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
                    let isForPaths = path.hasPrefix("/api/v1/authorize")
                    let reply = try await api.send(method, isForPaths ? address.replacing("/**", with: "/x") : address, as: nil)
                    for (name, value) in Self.headers { #expect(reply.header(name) == value, "\(method) \(path)") }
                    #expect(Self.isStrict(reply.header("Content-Security-Policy"), reply.header("Content-Type")), "\(method) \(path)")
                    #expect(reply.header("Strict-Transport-Security") == "max-age=63072000; includeSubDomains", "\(method) \(path)")
                    #expect(reply.header("X-Request-Id") != nil)
                    #expect(reply.header("Server") == nil)
                    #expect(reply.header("Deprecation") == nil)
                    let keeping = reply.status == 200 ? Self.keeping(path) : nil
                    #expect(reply.header("Cache-Control") == keeping ?? "no-store", "\(method) \(path)")
                    if method == "HEAD" || method == "OPTIONS" && reply.status == 204 { #expect(reply.bytes.isEmpty, "\(method) \(path)") }
                    if reply.status >= 400, method != "HEAD", path.hasPrefix("/api") {
                        #expect(reply.header("Content-Type") == "application/problem+json", "\(method) \(path)")
                    }
                    if !allowed.contains(method) {
                        #expect(reply.status == 405, "\(method) \(path): \(reply.status)")
                        #expect(Set((reply.header("Allow") ?? "").components(separatedBy: ", ")) == allowed, "\(method) \(path)")
                    }
                }
            }
            for (method, path) in [
                ("GET", "/nowhere"), ("PROPFIND", "/nowhere"), ("PROPFIND", "/api/v1/tokens/a/b/c/d"), ("POST", "/api/v1/nowhere"),
            ] {
                let reply = try await api.send(method, path, as: ada.accessToken)
                #expect(reply.status == 404, "\(method) \(path)")
                #expect(Self.isStrict(reply.header("Content-Security-Policy"), reply.header("Content-Type")), "\(method) \(path)")
                for (name, value) in Self.headers { #expect(reply.header(name) == value, "\(method) \(path)") }
            }
        }
    }

    @Test func withoutTLSNobodyIsToldToComeBackByIt() async throws {
        try await RunningAPI.with { api in
            let reply = try await api.get("/health")
            #expect(reply.header("Strict-Transport-Security") == nil)
        }
    }

    @Test func everyListLinksItsPages() async throws {
        try await RunningAPI.with { api in
            var lists = 0
            for route in Endpoint.all where route.method == .get {
                let example = try await RouteExample(of: route, api)
                let credential = route.access == .ownToken ? example.token : example.caller.accessToken
                let path = route.path.with(id: example.id)
                let reply = try await api.send("GET", path, as: credential)
                guard reply.status == 200, !reply.body.pagination.isNull else { continue }
                lists += 1
                let links = reply.links
                #expect(links["first"]?.hasPrefix(path + "?") == true, "\(route.operationID)")
                for (relation, address) in links {
                    #expect(try await api.get(address, as: credential).status == 200, "\(route.operationID) \(relation)")
                }
                #expect(try await api.get(path + "?page=1&cursor=x", as: credential).status == 422, "\(route.operationID)")
                #expect(try await api.get(path + "?cursor=x", as: credential).code == "invalid_cursor", "\(route.operationID)")
            }
            #expect(lists >= 10)
        }
    }

    @Test func linksLeadThroughAListByPageAndByCursorWhateverTheFilter() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            for number in 0..<5 { _ = try await api.token(ada, name: "a&b=c?d+e %\(number)") }
            _ = try await api.token(ada, name: "other")
            let filter = "q=a%26b%3Dc%3Fd%2Be%20%25"
            var seen: [String] = []
            var next: String? = "/api/v1/tokens?\(filter)&limit=2"
            var last: Reply?
            while let address = next {
                let reply = try await api.get(address, as: ada.accessToken)
                #expect(reply.status == 200, "\(address)")
                seen += reply.body.tokens.array.compactMap(\.id.string)
                next = reply.links["next"]
                last = reply
            }
            #expect(seen.count == 5)
            #expect(Set(seen).count == 5)
            #expect(last?.links["prev"]?.hasSuffix("page=2") == true)
            #expect(last?.links["last"]?.hasSuffix("page=3") == true)
            // A cursor is for its filters alone, also where another query spells the same when it isn't encoded.
            let first = try await api.get("/api/v1/tokens?\(filter)&limit=2", as: ada.accessToken)
            let cursor = try #require(first.body.pagination.nextCursor.string)
            #expect(try await api.get("/api/v1/tokens?\(filter)&limit=2&cursor=\(cursor)", as: ada.accessToken).body.tokens.array.count == 2)
            for other in ["q=a", "q=a&status=active", ""] {
                #expect(
                    try await api.get("/api/v1/tokens?\(other)&limit=2&cursor=\(cursor)", as: ada.accessToken).code == "invalid_cursor", "\(other)")
            }
            let made = try await api.get("/api/v1/tokens?q=a%26status%3Dactive&limit=1", as: ada.accessToken)
            #expect(made.status == 200)
        }
    }
}

extension Reply {
    /// The addresses of the `Link` header, by relation.
    fileprivate var links: [String: String] {
        Dictionary((header("Link") ?? "").matches(of: /<([^>]*)>; rel="([a-z]+)"/).map { (String($0.2), String($0.1)) }) { $1 }
    }
}
