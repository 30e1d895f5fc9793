import Foundation
import Testing

/// Credentials that are almost right, or that stand where none belongs.
@Suite struct CredentialTests {
    @Test func mangledTokensGetTheGenericAnswerAndNoRecord() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            let other = try await api.token(ada)
            let secret = token.secret
            let altered = String(secret.dropLast()) + (secret.hasSuffix("A") ? "B" : "A")
            let overflowing = "tsr_" + String(repeating: "z", count: 22) + String(secret.dropFirst(26))
            // The secret of one with the other's id: the checksum is wrong by then.
            let swapped = String(other.secret.prefix(26)) + String(secret.dropFirst(26))
            let unsigned = ada.accessToken.split(separator: ".").prefix(2).joined(separator: ".") + "."
            let mangled: [String] = [
                String(secret.dropLast()), secret + "0", altered, secret.lowercased(), overflowing, "tss_" + String(secret.dropFirst(4)), swapped,
                "tsr_", "x", String(repeating: "x", count: 5000), "eyJhbGciOiJub25lIn0.e30.", unsigned,
                String(ada.accessToken.dropLast(2)) + (ada.accessToken.hasSuffix("AA") ? "AQ" : "AA"), ada.refreshToken,
            ]
            for credential in mangled {
                let reply = try await api.get("/api/v1/me", as: credential)
                #expect(reply.status == 401, "\(credential.prefix(30))")
                #expect(reply.body.detail.string == "The access token is unknown, malformed or no longer valid.", "\(credential.prefix(30))")
            }
            #expect(try await api.get("/api/v1/me", as: secret).status == 200)
            #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: 1) == 1)
        }
    }

    @Test func credentialsAreReadFromOneHeaderOnly() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            #expect(try await api.get("/api/v1/me?access_token=\(token.secret)").status == 401)
            let two = try await api.send(
                "GET", "/api/v1/me", headers: [("Authorization", "Bearer \(token.secret)"), ("Authorization", "Bearer \(token.secret)")])
            #expect(two.status == 400)
            #expect(two.code == "invalid_request")
            for scheme in ["Basic \(token.secret)", token.secret, "Bearer", "Bearer "] {
                let reply = try await api.send("GET", "/api/v1/me", headers: [("Authorization", scheme)])
                #expect(reply.status == 401)
                #expect(reply.code == "authentication_required")
            }
            #expect(try await api.send("GET", "/api/v1/me", headers: [("authorization", "bEARER \(token.secret)")]).status == 200)
        }
    }

    @Test func headsPastTheirBoundsAre431() async throws {
        try await RunningAPI.with { api in
            let many = try await api.send("GET", "/api/v1/me", headers: (0..<80).map { ("X-Many-\($0)", "x") })
            #expect(many.status == 431)
            #expect(many.code == "headers_too_large")
            let long = try await api.send("GET", "/api/v1/me", headers: [("X-Long", String(repeating: "x", count: 20_000))])
            #expect(long.status == 431)
            #expect(try await api.get("/health").status == 200)
        }
    }

    @Test func everyAnswerHasItsHeaders() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            for (path, credential) in [
                ("/api/v1/me", ada.accessToken), ("/api/v1/me", "x"), ("/api/v1/nowhere", ""), ("/nowhere", ""), ("/health", ""),
            ] {
                let reply = try await api.get(path, as: credential.isEmpty ? nil : credential)
                #expect(reply.header("Cache-Control") == "no-store", "\(path)")
                #expect(reply.header("X-Content-Type-Options") == "nosniff")
                #expect(reply.header("Content-Security-Policy") == "default-src 'none'; frame-ancestors 'none'")
                #expect(reply.header("Referrer-Policy") == "no-referrer")
                #expect(reply.header("X-Request-Id").flatMap(UUID.init(uuidString:)) != nil)
                #expect(reply.header("Server") == nil)
                if reply.status >= 400 {
                    #expect(reply.header("Content-Type") == "application/problem+json")
                    #expect(reply.body.requestId.string == reply.header("X-Request-Id"))
                    #expect(reply.body.status.int == reply.status)
                }
            }
            let limits = try await api.get("/api/v1/me", as: ada.accessToken)
            #expect(limits.header("RateLimit") == nil)
        }
    }

    @Test func limitsAreToldAndKept() async throws {
        try await RunningAPI.with(["TESSERA_LIMITS_TOKEN": "3/60"]) { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            for left in [2, 1, 0] {
                let reply = try await api.get("/api/v1/me", as: token.secret)
                #expect(reply.status == 200)
                #expect(reply.header("RateLimit-Policy") == #""token";q=3;w=60"#)
                #expect(reply.header("RateLimit")?.hasPrefix("\"token\";r=\(left);t=") == true)
            }
            let refused = try await api.get("/api/v1/me", as: token.secret)
            #expect(refused.status == 429)
            #expect((1...20).contains(refused.header("Retry-After").flatMap { Int($0) } ?? 0))
            // It is recorded, and sessions go on.
            #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: 1, query: "&status=429") == 1)
        }
    }
}
