import Foundation
import Postgres
import Support
import Testing

/// Whoever finds a token may say so; what it could still do ends by its tenant's policy, and the answer tells nothing.
@Suite struct LeakTests {
    private func report(_ tokens: [String], _ api: RunningAPI) async throws -> Reply {
        try await api.post("/api/v1/tokens/report-leaked", "{\"tokens\":[\(tokens.map { "\"\($0)\"" }.joined(separator: ","))]}")
    }

    @Test func aFoundTokenIsRevokedWithWhatItMade() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada, scopes: ["write"], name: "deploy", more: #","expiresInDays":9"#)
            let child = try await api.post("/api/v1/tokens", #"{"name":"child","scopes":["write"],"expiresInDays":5}"#, as: token.secret)
            let grandchild = try await api.post("/api/v1/tokens", #"{"name":"grandchild","expiresInDays":4}"#, as: child.body.token.string)
            let other = try await api.token(ada)
            let reply = try await report([token.secret], api)
            #expect(reply.status == 202)
            #expect(reply.bytes.isEmpty)
            try await eventually("it is revoked") { try await api.get("/api/v1/me", as: token.secret).code == "invalid_token" }
            let shown = try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken).body
            #expect(shown.status.string == "revoked")
            #expect(shown.revokedReason.string == "exposed")
            #expect(shown.exposedAt.string != nil)
            for made in [child, grandchild] {
                #expect(try await api.get("/api/v1/me", as: made.body.token.string).code == "invalid_token")
                let shown = try await api.get("/api/v1/tokens/\(made.body.id.string ?? "")", as: ada.accessToken).body
                #expect(shown.revokedReason.string == "parent_exposed")
                #expect(shown.exposedAt.isNull)
            }
            #expect(try await api.get("/api/v1/me", as: other.secret).status == 200)
            let notices = try await api.notices(of: ada.accessToken, reach: 1)
            #expect(notices.map(\.kind.string) == ["exposed"])
            #expect(notices.first?.details.reaction.string == "revoke")
            #expect(try await api.mails(to: ada.email, about: "found in public", reach: 1).count == 1)
            // One audit entry for each change, in the token's own history.
            let kinds = try await api.get("/api/v1/tokens/\(token.id)/events", as: ada.accessToken).body.events.array.compactMap(\.kind.string)
            #expect(kinds.sorted() == ["token.created", "token.exposed", "token.revoked"])
            // Found again, now that it is dead: a notice, no change.
            #expect(try await report([token.secret], api).status == 202)
            let both = try await api.notices(of: ada.accessToken, reach: 2)
            #expect(both.map(\.kind.string) == ["exposed_ended", "exposed"])
            #expect(try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken).body.version.int == shown.version.int)
        }
    }

    @Test(arguments: [("deactivate", "inactive", 401), ("notify", "active", 200)])
    func thePolicyDecides(_ reaction: String, _ status: String, _ answer: Int) async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            _ = try await api.send("PUT", "/api/v1/token-policy", as: ada.accessToken, json: #"{"onExposure":"\#(reaction)"}"#)
            let token = try await api.token(ada, scopes: ["write"], more: #","expiresInDays":9"#)
            let child = try await api.post("/api/v1/tokens", #"{"name":"child","expiresInDays":5}"#, as: token.secret)
            _ = try await report([token.secret, token.secret], api)
            #expect(try await api.notices(of: ada.accessToken, reach: 1).count == 1)
            let shown = try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken).body
            #expect(shown.status.string == status)
            #expect(shown.exposedAt.string != nil)
            #expect(try await api.get("/api/v1/me", as: token.secret).status == answer)
            #expect(try await api.get("/api/v1/me", as: child.body.token.string).status == answer)
            guard reaction == "deactivate" else { return }
            // Switched on by somebody who didn't look, and found again: off again.
            _ = try await api.send("PATCH", "/api/v1/tokens/\(token.id)", as: ada.accessToken, json: #"{"isActive":true}"#)
            #expect(try await api.get("/api/v1/me", as: token.secret).status == 200)
            _ = try await report([token.secret], api)
            try await eventually("it is off again") { try await api.get("/api/v1/me", as: token.secret).status == 401 }
        }
    }

    @Test func aSecretThatReplacedAFoundOneIsToldOfWhenItIsFoundToo() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            _ = try await api.send("PUT", "/api/v1/token-policy", as: ada.accessToken, json: #"{"onExposure":"notify"}"#)
            let token = try await api.token(ada, name: "deploy")
            func exposedAt() async throws -> String? {
                try await api.get("/api/v1/tokens/\(token.id)", as: ada.accessToken).body.exposedAt.string
            }
            _ = try await report([token.secret], api)
            try await eventually("it is exposed") { try await exposedAt() != nil }
            let first = try await exposedAt()
            let fresh = try await api.rotate(token.id, as: ada.accessToken).body.token.string ?? ""
            #expect(try await exposedAt() == nil)
            _ = try await report([fresh], api)
            try await eventually("the new one is exposed") { try await exposedAt() != nil }
            #expect(try await exposedAt() != first)
            #expect(try await api.mails(to: ada.email, about: "found in public", reach: 2).count == 2)
        }
    }

    @Test func aFloodOfNothingHidesNoRealReport() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            // As many reports as some hundred addresses may send at once, and as many ends in sight.
            try await api.execute(
                """
                INSERT INTO tessera.leak_reports (tenant_id, hash, token_id, reported_at)
                SELECT gen_random_uuid(), sha256(n::text::bytea), gen_random_uuid(), now() - interval '1 minute' FROM generate_series(1, 50000) n
                """)
            try await api.execute(
                """
                INSERT INTO tessera.token_events (tenant_id, token_id, kind, day, id, occurred_at)
                SELECT gen_random_uuid(), gen_random_uuid(), 'expiring', current_date, gen_random_uuid(), now() - interval '1 minute'
                FROM generate_series(1, 10000)
                """)
            let reported = ContinuousClock.now
            _ = try await report([token.secret], api)
            try await eventually("it is revoked") { try await api.get("/api/v1/me", as: token.secret).code == "invalid_token" }
            print("a real report behind 50,000 others and 10,000 events: handled after \(ContinuousClock.now - reported)")
        }
    }

    @Test func aReplacedSecretCountsWhileItIsGood() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let ended = try await api.token(ada)
            let rotated = try await api.rotate(ended.id, as: ada.accessToken)
            let overlapping = try await api.token(ada)
            _ = try await api.rotate(overlapping.id, #"{"overlapSeconds":600}"#, as: ada.accessToken)
            _ = try await report([ended.secret, overlapping.secret], api)
            let notices = try await api.notices(of: ada.accessToken, reach: 2)
            #expect(notices.first { $0.tokenId.string == ended.id }?.kind.string == "exposed_ended")
            #expect(notices.first { $0.tokenId.string == overlapping.id }?.kind.string == "exposed")
            #expect(try await api.get("/api/v1/me", as: rotated.body.token.string).status == 200)
            #expect(try await api.get("/api/v1/me", as: overlapping.secret).status == 401)
        }
    }

    @Test func whatIsNoTokenOfOursDoesNothingAndAnswersTheSame() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let eve = try await api.register("eve")
            let token = try await api.token(ada)
            let foreign = try await api.token(eve)
            // The ids of ada's with the secret of eve's, and a checksum that is right.
            let forged = TokenForger.splice(ids: token.secret, secret: foreign.secret)
            let unknown = TokenForger.unknown()
            for tokens in [["x"], ["", "tsr_"], [forged], [unknown], [ada.accessToken, ada.refreshToken], [token.secret + "x"]] {
                let reply = try await report(tokens, api)
                #expect(reply.status == 202, "\(tokens)")
                #expect(reply.bytes.isEmpty)
            }
            let connection = try await api.database.connect()
            try await eventually("all are handled") {
                try await connection.query("SELECT count(*) FROM tessera.leak_reports").decode(Int.self) == [0]
            }
            #expect(try await connection.query("SELECT count(*) FROM tessera.token_events").decode(Int.self) == [0])
            await connection.close()
            for secret in [token.secret, foreign.secret] { #expect(try await api.get("/api/v1/me", as: secret).status == 200) }
            #expect(try await api.get("/api/v1/me", as: ada.accessToken).status == 200)
        }
    }

    @Test func theDocumentedReportWorks() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            let page = try String(contentsOfFile: Checkout.path("Docs/TokenFormat.md"), encoding: .utf8)
            let command = try #require(page.split(separator: "\n").first { $0.hasPrefix("curl ") })
                .replacing("https://tessera.example.com", with: api.url).replacing("tsr_…", with: token.secret)
            let done = try await run("/bin/sh", ["-c", command + " -s -w '%{http_code}'"])
            #expect(done.output == "202")
            try await eventually("it is revoked") { try await api.get("/api/v1/me", as: token.secret).code == "invalid_token" }
        }
    }

    @Test func badReportsAreRefusedWithoutRepeatingThem() async throws {
        try await RunningAPI.with { api in
            for (body, pointer) in [
                ("{}", "/tokens"), (#"{"tokens":null}"#, "/tokens"), (#"{"tokens":[]}"#, "/tokens"), (#"{"tokens":"tsr_secret"}"#, "/tokens"),
                (#"{"tokens":["tsr_secret",7]}"#, "/tokens/1"), (#"{"tokens":["tsr_secret"],"source":"x"}"#, "/source"),
                (#"{"tokens":[\#(Array(repeating: "\"tsr_secret\"", count: 101).joined(separator: ","))]}"#, "/tokens"),
            ] {
                let reply = try await api.post("/api/v1/tokens/report-leaked", body)
                #expect(reply.status == 422, "\(body)")
                #expect(reply.body.errors.array.map(\.pointer.string) == [pointer], "\(body)")
                #expect(!String(decoding: reply.bytes, as: UTF8.self).contains("tsr_secret"))
            }
        }
    }

    @Test func reportsOfAnAddressAreLimited() async throws {
        try await RunningAPI.with(["TESSERA_LIMITS_REPORT": "2/3600"]) { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            for _ in 0..<2 { #expect(try await report(["x"], api).status == 202) }
            let refused = try await report([token.secret], api)
            #expect(refused.code == "quota_exceeded")
            #expect(refused.header("Retry-After") != nil)
            #expect(try await api.get("/api/v1/me", as: token.secret).status == 200)
        }
    }
}
