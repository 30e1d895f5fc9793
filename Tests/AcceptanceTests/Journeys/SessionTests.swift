import Foundation
import Testing

/// Sign up, log in, renew, log out.
@Suite struct SessionTests {
    @Test func loginGivesASessionAndOneAnswerForEveryMistake() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let right = try await api.post("/api/v1/auth/login", #"{"email":" \#(ada.email.uppercased()) ","password":"correct horse battery"}"#)
            #expect(right.status == 200)
            let mistakes = [
                #"{"email":"\#(ada.email)","password":"wrong horse battery"}"#, #"{"email":"nobody@example.com","password":"correct horse battery"}"#,
                #"{"email":"\#(ada.email)","password":"correct horse battery","tenant":"not-mine"}"#,
            ]
            for mistake in mistakes {
                let refused = try await api.post("/api/v1/auth/login", mistake)
                #expect(refused.status == 401)
                #expect(refused.code == "invalid_credentials")
                #expect(refused.body.detail.string == "The e-mail or the password is wrong.")
                #expect(refused.header("WWW-Authenticate") == #"Bearer realm="tessera""#)
            }
        }
    }

    @Test func refreshTokenWorksOnce() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let renewed = try await api.post("/api/v1/auth/refresh", #"{"refreshToken":"\#(ada.refreshToken)"}"#)
            #expect(renewed.status == 200)
            let next = try #require(renewed.body.refreshToken.string)
            // The one just traded, within ten seconds: refused, and nothing ended.
            let superseded = try await api.post("/api/v1/auth/refresh", #"{"refreshToken":"\#(ada.refreshToken)"}"#)
            #expect(superseded.status == 409)
            #expect(superseded.code == "refresh_superseded")
            let third = try await api.post("/api/v1/auth/refresh", #"{"refreshToken":"\#(next)"}"#)
            #expect(third.status == 200)
            // Two generations old: someone else has it. The session ends everywhere.
            #expect(try await api.post("/api/v1/auth/refresh", #"{"refreshToken":"\#(ada.refreshToken)"}"#).status == 401)
            #expect(try await api.post("/api/v1/auth/refresh", #"{"refreshToken":"\#(third.body.refreshToken.string ?? "")"}"#).status == 401)
            #expect(try await api.get("/api/v1/me", as: third.body.accessToken.string).status == 401)
        }
    }

    @Test func manyRefreshesAtOnceGiveOneSuccess() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            var token = ada.refreshToken
            for _ in 0..<10 {
                let current = token
                let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
                    for _ in 0..<32 { group.addTask { try await api.post("/api/v1/auth/refresh", #"{"refreshToken":"\#(current)"}"#) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(replies.count { $0.status == 200 } == 1)
                #expect(replies.allSatisfy { $0.status == 200 || $0.code == "refresh_superseded" })
                token = try #require(replies.first { $0.status == 200 }?.body.refreshToken.string)
            }
        }
    }

    @Test func loggedOutSessionIsDead() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            #expect(try await api.post("/api/v1/auth/logout", as: ada.accessToken).status == 204)
            #expect(try await api.get("/api/v1/me", as: ada.accessToken).status == 401)
            #expect(try await api.post("/api/v1/auth/refresh", #"{"refreshToken":"\#(ada.refreshToken)"}"#).status == 401)
        }
    }

    @Test func takenEmailAndSlugAreSaidOpenly() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let email = try await api.post(
                "/api/v1/auth/register", #"{"email":"\#(ada.email)","password":"correct horse battery","name":"x","tenantName":"other"}"#)
            #expect(email.status == 409)
            #expect(email.code == "email_taken")
            let draft = #""password":"correct horse battery","name":"x","tenantName":"y","tenantSlug":"the-slug"}"#
            #expect(try await api.post("/api/v1/auth/register", #"{"email":"one@example.com",\#(draft)"#).status == 201)
            let slug = try await api.post("/api/v1/auth/register", #"{"email":"two@example.com",\#(draft)"#)
            #expect(slug.status == 409)
            #expect(slug.code == "slug_taken")
            // Nothing of the refused registration is there.
            #expect(try await api.post("/api/v1/auth/login", #"{"email":"two@example.com","password":"correct horse battery"}"#).status == 401)
        }
    }

    @Test func guessesAtOneAccountAreLimited() async throws {
        try await RunningAPI.with(["TESSERA_LIMITS_LOGIN": "3/900"]) { api in
            let ada = try await api.register()
            for _ in 0..<3 { #expect(try await api.post("/api/v1/auth/login", #"{"email":"\#(ada.email)","password":"wrong wrong"}"#).status == 401) }
            let refused = try await api.post("/api/v1/auth/login", #"{"email":"\#(ada.email)","password":"correct horse battery"}"#)
            #expect(refused.status == 429)
            #expect(refused.code == "quota_exceeded")
            #expect((1...900).contains(refused.header("Retry-After").flatMap { Int($0) } ?? 0))
        }
    }
}
