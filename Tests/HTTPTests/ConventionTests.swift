import Domain
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import HTTP

/// Headers that change what a request means are read strictly, and those that say something of an answer are written as their standards say.
@Suite struct ConventionTests {
    @Test func versionsAreStrongTags() {
        #expect(VersionTag.text(3) == "\"3\"")
        #expect(VersionTag.version(of: "\"3\"") == 3)
        for tag in ["3", "W/\"3\"", "\"03\"", "\"+3\"", "\"3", "\"\"", "\"x\"", "\"3\"\"", ""] {
            #expect(VersionTag.version(of: tag) == nil, "\(tag)")
        }
        for tag in ["\"3\"", "W/\"3\"", "\"\"", "\"any thing\""] { #expect(VersionTag.isTag(tag), "\(tag)") }
        for tag in ["3", "w/\"3\"", "\"3", "\"", "\"a\"b\"", "W/", "*"] { #expect(!VersionTag.isTag(tag), "\(tag)") }
    }

    @Test func ifMatchIsAStarOrTags() async throws {
        let router = Router(context: APIContext.self)
        router.get("x") { request, context -> String in
            do throws(Refusal) {
                let precondition = try Call(request: request, context: context).precondition()
                return (1...12).filter(precondition.allows).map(String.init).joined(separator: " ")
            } catch { return error.code.rawValue }
        }
        let every = (1...12).map(String.init).joined(separator: " ")
        let cases: [([String], String)] = [
            ([], every), (["*"], every), (["\"3\""], "3"), (["\"3\", \"12\""], "3 12"), (["\"3\"", "\"4\""], "3 4"), ([" \"3\" ,\"4\" "], "3 4"),
            (["W/\"3\""], ""), (["\"other\""], ""), (["W/\"3\", \"4\""], "4"), (["3"], "invalid_request"), (["*, \"3\""], "invalid_request"),
            (["\"3"], "invalid_request"), (["\"3\" \"4\""], "invalid_request"), ([""], "invalid_request"),
        ]
        try await Application(router: router).test(.router) { client in
            for (lines, expected) in cases {
                var headers: HTTPFields = [:]
                for line in lines { headers.append(HTTPField(name: .ifMatch, value: line)) }
                try await client.execute(uri: "/x", method: .get, headers: headers) { #expect(String(buffer: $0.body) == expected, "\(lines)") }
            }
        }
    }

    @Test func idempotencyKeysAreBareOrQuoted() throws {
        func key(_ values: String...) throws -> String? {
            var headers: HTTPFields = [:]
            for value in values { headers.append(HTTPField(name: .idempotencyKey, value: value)) }
            return try IdempotencyKeyField.key(in: headers)
        }
        #expect(try key() == nil)
        for spelling in ["8e03978e-40d5", "\"8e03978e-40d5\"", "  8e03978e-40d5 "] { #expect(try key(spelling) == "8e03978e-40d5") }
        #expect(try key(#""a\"b\\c""#) == #"a"b\c"#)
        #expect(try key(String(repeating: "k", count: 255))?.count == 255)
        for bad in ["", "\"\"", "\"a", "\"a\"b", #""a\b""#, "ü", String(repeating: "k", count: 256)] {
            #expect(throws: Refusal.self, "\(bad)") { try key(bad) }
        }
        #expect(throws: Refusal.self) { try key("a", "a") }
    }

    @Test func aRouteThatWillGoSaysSinceWhenAndUntilWhen() async throws {
        let deprecation = Deprecation(
            since: Date(timeIntervalSince1970: 1_688_169_599), sunset: Date(timeIntervalSince1970: 784_111_777), advice: "/docs/changes#tokens")
        let route = Route<Bool>.open(.get, "/old", "old") { _ in { _ in Response(status: .ok, headers: [.link: "</old?page=1>; rel=\"first\""]) } }
        #expect(route.endpoint.deprecation == nil)
        let conventions = EndpointConventions(idempotency: Idempotency(store: Nothing(), key: []))
        let router = Router(context: APIContext.self)
        router.add(middleware: ResponseHeaders(isSecure: false, now: { Date() }))
        for (path, route) in [("old", route.deprecated(deprecation)), ("new", route)] {
            let answered = route.answered(by: true)
            router.get(RouterPath(path)) { request, context in
                try await conventions.respond(to: Call(request: request, context: context), of: answered.endpoint, answered.respond)
            }
        }
        try await Application(router: router).test(.router) { client in
            try await client.execute(uri: "/old", method: .get) { response in
                #expect(response.headers[.deprecation] == "@1688169599")
                #expect(response.headers[.sunset] == "Sun, 06 Nov 1994 08:49:37 GMT")
                #expect(
                    response.headers[values: .link] == [
                        "</old?page=1>; rel=\"first\"", "</docs/changes#tokens>; rel=\"deprecation\"; type=\"text/html\"",
                    ])
            }
            try await client.execute(uri: "/new", method: .get) { response in
                #expect(response.headers[.deprecation] == nil)
                #expect(response.headers[.sunset] == nil)
            }
        }
    }

    @Test func onlyWhatABrowserSendsIsAnOrigin() {
        for origin in ["https://app.example.com", "http://localhost:5173", "http://127.0.0.1:8080", "http://[::1]:3000", "https://a-b.example"] {
            #expect(WebOrigin(origin)?.text == origin, "\(origin)")
        }
        for text in [
            "", "*", "null", "https://", "app.example.com", "https://app.example.com/", "https://App.example.com", "https://*.example.com",
            "https://a.example:443", "http://a.example:80", "https://a.example:0", "https://a.example:x", "https://u@a.example", "ftp://a.example",
            "https://a.example:99999", "https://a.example:",
        ] { #expect(WebOrigin(text) == nil, "\(text)") }
    }

    @Test func filtersAreBoundAsTheyAreMeant() throws {
        var one = QueryReader("q=a%26status%3Dactive&limit=5")
        _ = one.string("q")
        var two = QueryReader("q=a&status=active&limit=5")
        _ = two.string("q")
        #expect(one.filters == "q=a%26status%3Dactive")
        #expect(two.filters == "q=a&status=active")
    }
}

/// Keeps nothing.
private struct Nothing: IdempotencyStore {
    func claim(under key: IdempotencyKey) async throws -> IdempotencyClaim? { nil }
}
