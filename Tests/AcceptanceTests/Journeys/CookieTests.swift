import Foundation
import NIOHTTP1
import Support
import Testing

/// Browsers may keep a session's secrets in cookies, which pages of other origins can't use.
@Suite struct CookieTests {
    private static let ours = ("Sec-Fetch-Site", "same-origin")

    private func login(_ api: RunningAPI, _ account: Account, _ headers: [(String, String)]) async throws -> Reply {
        try await api.send(
            "POST", "/api/v1/auth/login", json: #"{"email":"\#(account.email)","password":"correct horse battery","transport":"cookie"}"#,
            headers: headers)
    }

    @Test func aSessionLivesInCookies() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let session = try await login(api, ada, [Self.ours])
            #expect(session.status == 200)
            #expect(session.body.refreshToken.isNull)
            #expect(session.body.deviceToken.isNull)
            let cookies = session.headers[canonicalForm: "Set-Cookie"].map(String.init)
            #expect(cookies.count == 2)
            for (cookie, name, seconds) in [
                (cookies[0], "__Host-tessera-refresh=tsf_", 14 * 86_400), (cookies[1], "__Host-tessera-device=tsd_", 365 * 86_400),
            ] {
                #expect(cookie.hasPrefix(name))
                let attributes = Set(cookie.components(separatedBy: "; ").dropFirst())
                #expect(attributes == ["Max-Age=\(seconds)", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"], "\(attributes)")
            }
            let renewed = try await api.send("POST", "/api/v1/auth/refresh", headers: [Self.ours, ("Cookie", session.cookieHeader)])
            #expect(renewed.status == 200)
            #expect(renewed.body.refreshToken.isNull)
            #expect(try await api.get("/api/v1/me", as: try renewed.accessToken).status == 200)
            // The one before is used: the cookie was replaced.
            let again = try await api.send("POST", "/api/v1/auth/refresh", headers: [Self.ours, ("Cookie", session.cookieHeader)])
            #expect(again.code == "refresh_superseded")
            // By the cookie alone.
            let out = try await api.send("POST", "/api/v1/auth/logout", headers: [Self.ours, ("Cookie", renewed.cookieHeader)])
            #expect(out.status == 204)
            #expect(out.header("Set-Cookie")?.contains("Max-Age=0") == true, "\(out.headers)")
            #expect(try await api.get("/api/v1/me", as: try renewed.accessToken).status == 401)
            #expect(
                try await api.send("POST", "/api/v1/auth/refresh", headers: [Self.ours, ("Cookie", renewed.cookieHeader)]).code == "invalid_token")
        }
    }

    @Test func foreignPagesAreRefused() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let host = "127.0.0.1:\(api.port)"
            for headers in [
                [], [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")], [("Sec-Fetch-Site", "none")],
                [("Origin", "https://evil.example")], [("Origin", "null")], [("Origin", "http://\(host).evil.example")],
                [("Sec-Fetch-Site", "cross-site"), ("Origin", "http://\(host)")],
            ] {
                let refused = try await login(api, ada, headers)
                #expect(refused.status == 403, "\(headers)")
                #expect(refused.code == "forbidden")
                #expect(refused.header("Set-Cookie") == nil)
            }
            #expect(try await login(api, ada, [("Origin", "http://\(host)")]).status == 200)
            let session = try await login(api, ada, [Self.ours])
            for path in ["/api/v1/auth/refresh", "/api/v1/auth/logout"] {
                let refused = try await api.send(
                    "POST", path, headers: [("Origin", "https://evil.example"), ("Cookie", session.cookieHeader)])
                #expect(refused.status == 403, "\(path)")
            }
            #expect(try await api.get("/api/v1/me", as: try session.accessToken).status == 200)
        }
    }

    @Test func cookieAndBodyTogetherAreRefused() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let session = try await login(api, ada, [Self.ours])
            let both = try await api.send(
                "POST", "/api/v1/auth/refresh", json: #"{"refreshToken":"\#(ada.refreshToken)"}"#,
                headers: [Self.ours, ("Cookie", session.cookieHeader)])
            #expect(both.status == 400)
            #expect(both.code == "invalid_request")
            // A kept secret doesn't come out where scripts could read it.
            let exported = try await api.send(
                "POST", "/api/v1/auth/refresh", json: #"{"transport":"body"}"#, headers: [Self.ours, ("Cookie", session.cookieHeader)])
            #expect(exported.status == 422)
            // But one that scripts have may go where they can't.
            let kept = try await api.send(
                "POST", "/api/v1/auth/refresh", json: #"{"refreshToken":"\#(ada.refreshToken)","transport":"cookie"}"#, headers: [Self.ours])
            #expect(kept.status == 200)
            #expect(kept.body.refreshToken.isNull)
            #expect(try await api.send("POST", "/api/v1/auth/refresh", headers: [Self.ours]).status == 422)
            #expect(try await api.send("POST", "/api/v1/auth/logout", headers: [Self.ours]).status == 401)
        }
    }

    @Test func aReauthenticatedSessionStaysInItsCookie() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let session = try await login(api, ada, [Self.ours])
            let fresh = try await api.send(
                "POST", "/api/v1/auth/reauthenticate", as: try session.accessToken, json: #"{"password":"correct horse battery"}"#,
                headers: [Self.ours, ("Cookie", session.cookieHeader)])
            #expect(fresh.status == 200)
            #expect(fresh.body.refreshToken.isNull)
            let renewed = try await api.send("POST", "/api/v1/auth/refresh", headers: [Self.ours, ("Cookie", fresh.cookieHeader)])
            #expect(renewed.status == 200)
        }
    }

    @Test func anExpiredAccessTokenDoesNotKeepTheCookieFromLoggingOut() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let session = try await login(api, ada, [Self.ours])
            let bad = String(try session.accessToken.dropLast(4)) + "AAAA"
            #expect(try await api.post("/api/v1/auth/logout", as: bad).code == "invalid_token")
            let out = try await api.send("POST", "/api/v1/auth/logout", as: bad, headers: [Self.ours, ("Cookie", session.cookieHeader)])
            #expect(out.status == 204)
            #expect(try await api.get("/api/v1/me", as: try session.accessToken).status == 401)
        }
    }

    @Test func aDeviceInACookieHasGuessesOfItsOwn() async throws {
        try await RunningAPI.with(["TESSERA_LIMITS_LOGIN": "2/900"]) { api in
            let ada = try await api.register()
            let session = try await login(api, ada, [Self.ours])
            let wrong = #"{"email":"\#(ada.email)","password":"wrong wrong wrong"}"#
            for _ in 0..<2 { #expect(try await api.post("/api/v1/auth/login", wrong).status == 401) }
            #expect(try await login(api, ada, [Self.ours]).status == 429)
            #expect(try await login(api, ada, [Self.ours, ("Cookie", session.cookieHeader)]).status == 200)
        }
    }
}

extension Reply {
    /// What a browser sends back for the cookies that were set.
    fileprivate var cookieHeader: String {
        headers[canonicalForm: "Set-Cookie"].compactMap { $0.split(separator: ";").first.map(String.init) }.joined(separator: "; ")
    }
}
