import Foundation
import Postgres
import Support
import Testing

/// Platform administrators set a tenant's limits, and every node goes by them without a restart.
@Suite(.timeLimit(.minutes(2))) struct TenantLimitTests {
    private static let off = #"{"token":null,"user":null,"tenant":null}"#

    @Test func aLimitHoldsOnEveryNodeWithinASecondAndNoLongerOnceTakenBack() async throws {
        try await RunningAPI.withTwo(["TESSERA_LIMITS_TOKEN": "3/3600", "TESSERA_LIMITS_TENANT": "5000/60"]) { one, two in
            let (root, ada, bob) = (try await one.platformAdmin(), try await one.register(), try await one.register("bob"))
            let (adas, bobs) = (try await one.token(ada), try await one.token(bob))
            // Whoever asks again and again uses up what they are asking about.
            let watcher = try await one.token(ada)
            let fresh = try await one.limits(of: ada, as: root)
            #expect(fresh.body.token.isNull && fresh.body.user.isNull && fresh.body.tenant.isNull)
            #expect(fresh.body.version.int == 0)
            #expect(fresh.header("ETag") == "\"0\"")
            #expect(fresh.body.defaults.token.requests.int == 3 && fresh.body.defaults.user.isNull)
            #expect(fresh.body.names == ["defaults", "shadow", "tenant", "token", "user", "version"])

            let set = try await one.setLimits(of: ada, #"{"token":{"requests":1000,"windowSeconds":60}}"#, as: root)
            let begun = ContinuousClock.now
            #expect(set.status == 200)
            #expect(set.body.token.requests.int == 1000 && set.body.token.windowSeconds.int == 60)
            #expect(set.header("ETag") == "\"1\"")
            // Here at once, there within a second.
            #expect(try await one.policy(as: adas.secret) == #""token";q=1000;w=60, "tenant";q=5000;w=60"#)
            try await eventually("the other node goes by it", within: .seconds(5)) {
                try await two.policy(as: watcher.secret) == #""token";q=1000;w=60, "tenant";q=5000;w=60"#
            }
            let delay = ContinuousClock.now - begun
            print("a tenant's limit on the other node after \(delay)")
            #expect(delay < .milliseconds(1500))
            for node in [one, two] { #expect(try await node.statuses(10, as: adas.secret) == Array(repeating: 200, count: 10)) }
            // Nobody else's is another.
            #expect(try await two.statuses(4, as: bobs.secret) == [200, 200, 200, 429])

            #expect(try await two.setLimits(of: ada, Self.off, as: root).status == 200)
            #expect(try await two.policy(as: adas.secret).hasPrefix(#""token";q=3;w=3600"#))
            try await eventually("so does this one") { try await one.policy(as: adas.secret).hasPrefix(#""token";q=3;w=3600"#) }
        }
    }

    @Test func aTokensOwnLimitStaysWithinTheTenants() async throws {
        try await RunningAPI.with(["TESSERA_LIMITS_TOKEN": "600/60"]) { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            let slow = try await api.token(ada, more: #","rateLimit":{"requests":2,"windowSeconds":60}"#)
            let fast = try await api.token(ada, more: #","rateLimit":{"requests":500,"windowSeconds":60}"#)
            #expect(try await api.setLimits(of: ada, #"{"token":{"requests":100,"windowSeconds":60}}"#, as: root).status == 200)
            #expect(try await api.policy(as: slow.secret) == #""token";q=2;w=60"#)
            #expect(try await api.policy(as: fast.secret) == #""token";q=100;w=60"#)
        }
    }

    @Test func oneAuditEntryForEachChangeAndNoneForNone() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            let body = #"{"user":{"requests":7,"windowSeconds":60},"shadow":["user","token"]}"#
            for _ in 0..<2 { #expect(try await api.setLimits(of: ada, body, as: root).body.version.int == 1) }
            #expect(try await api.setLimits(of: ada, "{}", as: root).body.version.int == 2)
            #expect(try await api.setLimits(of: ada, Self.off, as: root).body.version.int == 2)
            let connection = try await api.database.connect()
            let entries = try await connection.query(
                """
                SELECT target_id || ' ' || actor_id || ' ' || (changes::jsonb)::text FROM tessera.audit_log
                WHERE action = 'tenant_limits.changed' AND tenant_id = \(ada.tenant)::text::uuid ORDER BY seq
                """
            ).decode(String.self)
            #expect(
                entries == [
                    "\(ada.tenant) \(root.user) {\"user\": \"7/60\", \"token\": null, \"shadow\": \"token user\", \"tenant\": null}",
                    "\(ada.tenant) \(root.user) {\"user\": null, \"token\": null, \"shadow\": \"\", \"tenant\": null}",
                ])
            await connection.close()
        }
    }

    @Test func whoDecidedByAnOlderVersionChangesNothing() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            func set(_ requests: Int, if version: Int) async throws -> Int {
                try await api.setLimits(of: ada, #"{"token":{"requests":\#(requests),"windowSeconds":60}}"#, if: "\"\(version)\"", as: root).status
            }
            #expect(try await set(1, if: 1) == 412)
            // Of many that have read the same, one is the first.
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for requests in 1...8 { group.addTask { try await set(requests, if: 0) } }
                return try await group.reduce(into: []) { $0.append($1) }.sorted()
            }
            #expect(statuses == [200] + Array(repeating: 412, count: 7))
            #expect(try await api.limits(of: ada, as: root).body.version.int == 1)
            #expect(try await set(50, if: 0) == 412)
            #expect(try await set(50, if: 1) == 200)
            let stale = try await api.setLimits(of: ada, "{}", if: "\"1\"", as: root)
            #expect(stale.code == "precondition_failed")
            #expect(try await api.limits(of: ada, as: root).body.token.requests.int == 50)
        }
    }

    @Test func whatIsNoLimitIsRefusedByItsMember() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            for (body, pointer) in [
                (#"{"token":{"requests":0,"windowSeconds":60}}"#, "/token/requests"), (#"{"user":{"requests":1}}"#, "/user/windowSeconds"),
                (#"{"tenant":{"requests":1,"windowSeconds":86401}}"#, "/tenant/windowSeconds"), (#"{"tenant":5}"#, "/tenant"),
                (#"{"shadow":["login"]}"#, "/shadow/0"), (#"{"shadow":["token","token"]}"#, "/shadow/1"), (#"{"shadow":"token"}"#, "/shadow"),
                (#"{"limits":{}}"#, "/limits"),
            ] {
                let reply = try await api.setLimits(of: ada, body, as: root)
                #expect(reply.status == 422, "\(body)")
                #expect(reply.body.errors[0].pointer.string == pointer, "\(body)")
            }
            #expect(try await api.limits(of: ada, as: root).body.version.int == 0)
        }
    }

    @Test func aLimitThatIsOnlyWatchedIsCountedAndNotEnforced() async throws {
        try await RunningAPI.with(["TESSERA_LIMITS_TOKEN": "5/3600", "TESSERA_LIMITS_USER": "5/3600", "TESSERA_LIMITS_SHADOW": "user"]) { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            let token = try await api.token(ada)
            #expect(try await api.setLimits(of: ada, #"{"shadow":["token"]}"#, as: root).status == 200)
            let watched = try await api.metrics()
            #expect(!watched.contains(#"tessera_rate_limit_shadowed_total{limit="token"}"#) || watched.contains(#"{limit="token"} 0"#))
            #expect(try await api.statuses(12, as: token.secret) == Array(repeating: 200, count: 12))
            let counted = try await api.metrics()
            #expect(counted.contains(#"tessera_rate_limit_shadowed_total{limit="token"} 7"#))
            #expect(try await api.get("/api/v1/me", as: token.secret).header("RateLimit") == nil, "what isn't enforced isn't told")
            let lines = api.process.standardOutput.split(separator: "\n").filter { $0.contains("only watched would have refused") }
            #expect(lines.count { $0.contains(#""limit":"token""#) && $0.contains(ada.tenant) } == 1, "\(lines)")
            #expect(lines.count { $0.contains(#""limit":"user""#) } == 1)
            #expect(try await api.metric("tessera_rate_limit_refusals_total") == 0)
            // Enforced again, the limit is the one that was used up before.
            #expect(try await api.setLimits(of: ada, "{}", as: root).status == 200)
            #expect(try await api.get("/api/v1/me", as: token.secret).code == "quota_exceeded")
        }
    }

    /// The database goes: what was known holds.
    @Test func limitsAreRememberedWhileTheDatabaseIsAway() async throws {
        try await RunningAPI.with(["TESSERA_LIMITS_TOKEN": "600/60"]) { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            let token = try await api.token(ada)
            #expect(try await api.setLimits(of: ada, #"{"token":{"requests":50,"windowSeconds":60}}"#, as: root).status == 200)
            let connection = try await api.database.connect()
            try await connection.script("ALTER TABLE tessera.tenant_limits RENAME TO elsewhere")
            try await eventually("it is noticed") { api.process.standardOutput.contains("tenants' limits not read") }
            #expect(try await api.policy(as: token.secret) == #""token";q=50;w=60"#)
            try await connection.script("ALTER TABLE tessera.elsewhere RENAME TO tenant_limits")
            try await eventually("it is noticed") { api.process.standardOutput.contains("tenants' limits are read again") }
            await connection.close()
        }
    }
}

extension RunningAPI {
    fileprivate func limits(of account: Account, as root: Account) async throws -> Reply {
        try await get("/api/v1/admin/tenants/\(account.tenant)/limits", as: root.accessToken)
    }

    fileprivate func setLimits(of account: Account, _ json: String, if tag: String? = nil, as root: Account) async throws -> Reply {
        try await send(
            "PUT", "/api/v1/admin/tenants/\(account.tenant)/limits", as: root.accessToken, json: json, headers: tag.map { [("If-Match", $0)] } ?? [])
    }

    fileprivate func policy(as credential: String) async throws -> String {
        try await get("/api/v1/me", as: credential).header("RateLimit-Policy") ?? ""
    }
}
