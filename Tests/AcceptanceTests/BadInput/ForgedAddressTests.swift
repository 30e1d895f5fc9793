import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Postgres
import Support
import Testing

/// Nothing that a caller writes into a header changes where the call came from, or where our links lead.
@Suite(.serialized) struct ForgedAddressTests {
    /// As a caller behind no proxy of ours would forge them.
    private static func forged(_ address: String) -> [(String, String)] {
        [
            "X-Forwarded-For", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "Fastly-Client-IP", "X-Cluster-Client-IP",
            "X-Original-Forwarded-For", "X-Remote-Addr", "Client-IP",
        ].map { ($0, address) } + [("Forwarded", "for=\(address);host=evil.example;proto=https"), ("X-Forwarded-Host", "evil.example")]
    }

    /// By what is limited; each limit occurs once in a line.
    private static let limited: [[(limit: String, path: String, body: String)]] = [
        [("ADDRESS", "/api/v1/tokens", "{}")],
        [
            ("REGISTER", "/api/v1/auth/register", #"{"email":"x"}"#), ("REFRESH", "/api/v1/auth/refresh", #"{"refreshToken":"x"}"#),
            ("LOGIN_ADDRESS", "/api/v1/auth/login", #"{"email":"eve@example.com","password":"wrong wrong"}"#),
            ("RESET", "/api/v1/auth/password/reset", #"{"secret":"x"}"#),
        ],
        [("LOGIN_ADDRESS", "/api/v1/invitations/accept", #"{"secret":"x"}"#), ("RESET", "/api/v1/invitations/lookup", #"{"secret":"x"}"#)],
        [("RESET", "/api/v1/auth/email/confirm", #"{"secret":"x"}"#)], [("RESET", "/api/v1/auth/password/forgot", #"{"email":"x@example.com"}"#)],
    ]

    @Test(arguments: limited.indices) func aLimitOfAnAddressCountsThePeer(_ line: Int) async throws {
        let limits = Dictionary(uniqueKeysWithValues: Self.limited[line].map { ("TESSERA_LIMITS_\($0.limit)", "3/36000") })
        try await RunningAPI.with(limits) { api in
            for (_, path, body) in Self.limited[line] {
                var statuses: [Int] = []
                for number in 0..<8 {
                    statuses.append(try await api.send("POST", path, json: body, headers: Self.forged("203.0.113.\(number)")).status)
                }
                #expect(!statuses[..<3].contains(429), "\(path)")
                #expect(statuses[3...].allSatisfy { $0 == 429 }, "\(path): \(statuses)")
                // Another peer has a count of its own, even if it says that it is the first.
                #expect(try await api.status(path, body, from: "127.0.0.2", Self.forged("127.0.0.1")) == statuses[0], "\(path)")
            }
        }
    }

    @Test func sessionsUsageAuditAndLogShowThePeer() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            let forged = Self.forged("203.0.113.99")
            let login = #"{"email":"\#(ada.email)","password":"correct horse battery"}"#
            #expect(try await api.send("POST", "/api/v1/auth/login", json: login, headers: forged).status == 200)
            #expect(try await api.send("GET", "/api/v1/me", as: token.secret, headers: forged).status == 200)
            #expect(try await api.send("POST", "/api/v1/tokens/\(token.id)/revoke", as: ada.accessToken, headers: forged).status == 200)
            let sessions = try await api.get("/api/v1/auth/sessions", as: ada.accessToken).body.sessions.array
            #expect(sessions.map(\.ipAddress.string) == ["127.0.0.1", "127.0.0.1"])
            #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: 1) == 1)
            let usage = try await api.get("/api/v1/tokens/\(token.id)/usage", as: ada.accessToken).body.usage.array
            #expect(usage.map(\.ipAddress.string) == ["127.0.0.1"])
            let connection = try await api.database.connect()
            let audited = try await connection.query("SELECT DISTINCT host(ip_address) FROM tessera.audit_log WHERE actor_type <> 'system'")
                .decode(String?.self)
            await connection.close()
            #expect(audited == ["127.0.0.1"])
            #expect(api.process.standardOutput.contains(#""address":"127.0.0.1""#))
            #expect(!api.process.standardOutput.contains("203.0.113.99"))
        }
    }

    @Test func linksLeadToThePublicURLWhateverTheHost() async throws {
        try await RunningAPI.with(["TESSERA_HTTP_PUBLIC_URL": "https://app.example.com/"]) { api in
            let evil =
                Self.forged("203.0.113.99") + [("Host", "evil.example"), ("Origin", "https://evil.example"), ("Referer", "https://evil.example/")]
            let draft = #"{"email":"ada@example.com","password":"correct horse battery","name":"ada","tenantName":"ada"}"#
            let registered = try await api.send("POST", "/api/v1/auth/register", json: draft, headers: evil)
            let ada = try Account(email: "ada@example.com", registered)
            var replies = [registered]
            for (method, path, body) in [
                ("POST", "/api/v1/auth/password/forgot", #"{"email":"ada@example.com"}"#),
                ("POST", "/api/v1/invitations", #"{"email":"eve@example.com","role":"viewer"}"#),
                ("PATCH", "/api/v1/me", #"{"email":"bea@example.com","currentPassword":"correct horse battery"}"#),
                ("POST", "/api/v1/tokens", #"{"name":"x","expiresInDays":1}"#), ("POST", "/api/v1/tokens", #"{"name":"y","expiresInDays":1}"#),
                ("GET", "/api/v1/tokens?limit=1", nil), ("GET", "/api/v1/nowhere", nil), ("GET", "/.well-known/jwks.json", nil),
            ] as [(String, String, String?)] {
                replies.append(try await api.send(method, path, as: ada.accessToken, json: body, headers: evil))
            }
            for reply in replies {
                #expect(!String(decoding: reply.bytes, as: UTF8.self).contains("evil.example"))
                #expect(reply.headers.allSatisfy { !$0.value.contains("evil.example") }, "\(reply.headers)")
            }
            #expect(replies.contains { $0.header("Link") != nil } && replies.contains { $0.header("Location") != nil })
            for (subject, recipient, page) in [
                ("Confirm your e-mail", "ada@example.com", "confirm-email"), ("Confirm your e-mail", "bea@example.com", "confirm-email"),
                ("Reset your password", "ada@example.com", "reset-password"), ("You are invited", "eve@example.com", "accept-invitation"),
            ] {
                let mail = try await api.mail(subject, to: recipient)
                #expect(mail.contains("https://app.example.com/\(page)#secret=tsm_"), "\(mail)")
            }
            #expect(try api.mails.allSatisfy { !$0.contains("evil.example") && !$0.contains("203.0.113.99") })
        }
    }
}

extension RunningAPI {
    /// The status of a request that comes from another address of this machine.
    fileprivate func status(_ path: String, _ body: String, from address: String, _ headers: [(String, String)]) async throws -> Int {
        var request = HTTPClientRequest(url: url + path)
        request.method = .POST
        request.localAddress = address
        request.body = .bytes(Array(body.utf8))
        request.headers.add(name: "Content-Type", value: "application/json")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        return Int(try await HTTPClient.shared.execute(request, timeout: .seconds(30)).status.code)
    }
}
