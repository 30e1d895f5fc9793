import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Support

/// An answer of the API.
struct Reply: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: JSON
    let bytes: Data

    func header(_ name: String) -> String? { headers.first(name: name) }

    /// The problem's `code`.
    var code: String? { body.code.string }

    /// The access token of a session.
    var accessToken: String {
        get throws {
            guard let token = body.accessToken.string else { throw Unexpected(reply: self) }
            return token
        }
    }
}

extension RunningAPI {
    /// Sends a request; `json` becomes the body with its content type.
    func send(
        _ method: String, _ path: String, as credential: String? = nil, json: String? = nil, headers: [(String, String)] = []
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: url + path)
        request.method = HTTPMethod(rawValue: method)
        if let credential { request.headers.add(name: "Authorization", value: "Bearer \(credential)") }
        if let json {
            request.body = .bytes(Array(json.utf8))
            if !headers.contains(where: { $0.0.lowercased() == "content-type" }) {
                request.headers.add(name: "Content-Type", value: "application/json")
            }
        }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let bytes = Data((try await response.body.collect(upTo: 4 << 20)).readableBytesView)
        let reply = Reply(status: Int(response.status.code), headers: response.headers, body: JSON(bytes), bytes: bytes)
        canary.hear(json, reply)
        return reply
    }

    func get(_ path: String, as credential: String? = nil) async throws -> Reply { try await send("GET", path, as: credential) }

    func post(_ path: String, _ json: String? = nil, as credential: String? = nil) async throws -> Reply {
        try await send("POST", path, as: credential, json: json)
    }

    /// Registers a person with a tenant.
    func register(_ name: String = "ada") async throws -> Account {
        let email = "\(name)-\(UUID().uuidString.prefix(8).lowercased())@example.com"
        let reply = try await post(
            "/api/v1/auth/register", #"{"email":"\#(email)","password":"correct horse battery","name":"\#(name)","tenantName":"\#(name) & Sons"}"#)
        return try Account(email: email, reply)
    }

    /// Creates a token with these scopes.
    func token(_ account: Account, scopes: [String] = ["read"], name: String = UUID().uuidString, more: String = "") async throws -> IssuedToken {
        let list = scopes.map { "\"\($0)\"" }.joined(separator: ",")
        let reply = try await post("/api/v1/tokens", #"{"name":"\#(name)","scopes":[\#(list)]\#(more)}"#, as: account.accessToken)
        guard reply.status == 201, let id = reply.body.id.string, let secret = reply.body.token.string else { throw Unexpected(reply: reply) }
        return IssuedToken(id: id, secret: secret)
    }

    /// Waits until the token's usage has `count` requests, and answers the total there is.
    func usageTotal(of token: String, as credential: String, reaches count: Int, query: String = "") async throws -> Int {
        var total = -1
        try? await eventually("the total", within: .seconds(10)) {
            total = try await get("/api/v1/tokens/\(token)/usage?limit=1\(query)", as: credential).body.pagination.total.int ?? -1
            return total >= count
        }
        return total
    }
}

/// Someone with a session.
struct Account: Sendable {
    let email: String
    let accessToken: String
    let refreshToken: String
    let tenant: String
    let user: String

    init(email: String, _ reply: Reply) throws {
        guard let access = reply.body.accessToken.string, let refresh = reply.body.refreshToken.string, let tenant = reply.body.tenant.id.string,
            let user = reply.body.user.id.string
        else { throw Unexpected(reply: reply) }
        (self.email, accessToken, refreshToken, self.tenant, self.user) = (email, access, refresh, tenant, user)
    }
}

struct IssuedToken: Sendable {
    let id: String
    let secret: String
}

/// An answer that a test can't go on from.
struct Unexpected: Error {
    let reply: Reply
}
