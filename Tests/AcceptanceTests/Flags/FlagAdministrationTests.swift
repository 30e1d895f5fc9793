import Foundation
import Postgres
import Support
import Testing

/// Platform administrators switch features, each change is told, kept once in the audit log and never overwritten unseen.
@Suite struct FlagAdministrationTests {
    @Test func everybodyIsToldWhatTheyHaveAndWhy() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            let token = try await api.token(ada)
            for credential in [ada.accessToken, token.secret] { #expect(try await api.flag(as: credential) == "api-tokens true default") }
            #expect(try await api.get("/api/v1/feature-flags").status == 401)
            _ = try await api.setFlag(#""defaultEnabled":false,"rolloutPercent":0"#, as: root)
            #expect(try await api.flag(as: ada.accessToken) == "api-tokens false default")
            _ = try await api.setFlag(#""rolloutPercent":100"#, as: root)
            #expect(try await api.flag(as: ada.accessToken) == "api-tokens true percentage")
            _ = try await api.setFlag(false, for: ada.tenant, as: root)
            #expect(try await api.flag(as: ada.accessToken) == "api-tokens false tenant_override")
            #expect(try await api.flag(as: root.accessToken) == "api-tokens true percentage")
            _ = try await api.setFlag(true, for: ada.tenant, as: root)
            _ = try await api.setFlag(#""killed":true"#, as: root)
            for credential in [ada.accessToken, root.accessToken] { #expect(try await api.flag(as: credential) == "api-tokens false killed") }
        }
    }

    @Test func whatDidNotChangeIsNotSentAgain() async throws {
        try await RunningAPI.with { api in
            let (root, ada, bob) = (try await api.platformAdmin(), try await api.register("ada"), try await api.register("bob"))
            func ask(_ tag: String, as account: Account) async throws -> Reply {
                try await api.send("GET", "/api/v1/feature-flags", as: account.accessToken, headers: [("If-None-Match", tag)])
            }
            let first = try await api.get("/api/v1/feature-flags", as: ada.accessToken)
            let tag = try #require(first.header("ETag"))
            for known in [tag, "W/" + tag, #""another", "# + tag, "*"] {
                let reply = try await ask(known, as: ada)
                #expect(reply.status == 304, "\(known)")
                #expect(reply.bytes.isEmpty)
                #expect(reply.header("ETag") == tag)
            }
            #expect(try await ask(#""another""#, as: ada).status == 200)
            _ = try await api.setFlag(false, for: ada.tenant, as: root)
            let second = try await ask(tag, as: ada)
            #expect(second.status == 200)
            #expect(second.header("ETag") != tag)
            // Nothing changed for the others.
            #expect(try await ask(tag, as: bob).status == 304)
            #expect(try await api.get("/api/v1/feature-flags?x=1", as: ada.accessToken).status == 422)
        }
    }

    @Test func administratorsSeeAndSetAllOfAFlag() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            let list = try await api.get("/api/v1/admin/feature-flags", as: root.accessToken)
            #expect(list.body.flags.array.map(\.key.string) == ["api-tokens"])
            let flag = list.body.flags[0]
            #expect(
                flag.names == [
                    "defaultEnabled", "description", "key", "killed", "overrideCount", "overrides", "rolloutPercent", "updatedAt", "version",
                ])
            #expect(flag.defaultEnabled.bool == true)
            #expect(flag.version.int == 1)
            // What is left out stays.
            let set = try await api.setFlag(#""rolloutPercent":25,"description":"Tokens, for some""#, as: root)
            #expect(set.status == 200)
            #expect(set.header("ETag") == #""2""#)
            #expect([set.body.defaultEnabled.bool, set.body.killed.bool] == [true, false])
            #expect([set.body.rolloutPercent.int, set.body.version.int] == [25, 2])
            #expect(set.body["description"].string == "Tokens, for some")
            let overridden = try await api.setFlag(false, for: ada.tenant, as: root)
            #expect(overridden.header("ETag") == #""3""#)
            let own = overridden.body.overrides[0]
            #expect(own.names == ["enabled", "reason", "setAt", "setBy", "tenantId", "tenantName", "tenantSlug"])
            #expect([own.tenantId.string, own.reason.string, own.setBy.string] == [ada.tenant, "a test", root.user])
            #expect(own.enabled.bool == false)
            #expect(overridden.body.overrideCount.int == 1)
            #expect(try await api.get("/api/v1/admin/feature-flags", as: root.accessToken).body.flags[0] == overridden.body)
            let removed = try await api.setFlag(nil, for: ada.tenant, as: root)
            #expect(removed.status == 204)
            #expect(removed.header("ETag") == #""4""#)
            #expect(try await api.get("/api/v1/admin/feature-flags", as: root.accessToken).body.flags[0].overrideCount.int == 0)
        }
    }

    @Test func whatCannotBeIsRefusedAndChangesNothing() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            func put(_ path: String, _ json: String) async throws -> Reply { try await api.send("PUT", path, as: root.accessToken, json: json) }
            let override = "\(RunningAPI.flagPath)/tenants/"
            for key in ["API-tokens", "api-token", "of-tomorrow", "api-tokens%20"] {
                let path = "/api/v1/admin/feature-flags/\(key)"
                #expect(try await put(path, #"{"killed":true,"reason":"x"}"#).status == 404, "\(key)")
                #expect(try await put("\(path)/tenants/\(ada.tenant)", #"{"enabled":false,"reason":"x"}"#).status == 404, "\(key)")
            }
            for tenant in [UUID().uuidString, "not-an-id"] {
                #expect(try await put(override + tenant, #"{"enabled":false,"reason":"x"}"#).status == 404)
                #expect(try await api.send("DELETE", override + tenant, as: root.accessToken).status == 404)
            }
            for (json, pointer) in [
                (#"{"killed":true}"#, "/reason"), (#"{"killed":true,"reason":" "}"#, "/reason"), (#"{"killed":1,"reason":"x"}"#, "/killed"),
                (#"{"rolloutPercent":101,"reason":"x"}"#, "/rolloutPercent"), (#"{"rolloutPercent":-1,"reason":"x"}"#, "/rolloutPercent"),
                (#"{"rolloutPercent":0.5,"reason":"x"}"#, "/rolloutPercent"), (#"{"version":9,"reason":"x"}"#, "/version"),
            ] {
                let reply = try await put(RunningAPI.flagPath, json)
                #expect(reply.status == 422, "\(json)")
                #expect(reply.body.errors.array.map(\.pointer.string) == [pointer], "\(json)")
            }
            for (json, pointer) in [
                (#"{"enabled":false}"#, "/reason"), (#"{"reason":"x"}"#, "/enabled"), (#"{"enabled":null,"reason":"x"}"#, "/enabled"),
            ] {
                #expect(try await put(override + ada.tenant, json).body.errors.array.map(\.pointer.string) == [pointer], "\(json)")
            }
            #expect(try await api.flag(as: ada.accessToken) == "api-tokens true default")
            #expect(try await api.texts("SELECT action FROM tessera.audit_log WHERE action LIKE 'feature_flag.%'").isEmpty)
            #expect(try await api.texts("SELECT version::text FROM tessera.feature_flags") == ["1"])
        }
    }

    @Test func eachChangeHasOneEntryWithWhatWasBeforeAndNoChangeHasNone() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            for _ in 0..<2 { #expect(try await api.setFlag(#""killed":true"#, as: root).status == 200) }
            for _ in 0..<2 { #expect(try await api.setFlag(#""killed":false,"rolloutPercent":5"#, as: root).status == 200) }
            for isEnabled in [false, false, true, nil, nil] {
                #expect((200...204).contains(try await api.setFlag(isEnabled, for: ada.tenant, as: root).status))
            }
            let entries = try await api.texts(
                """
                SELECT concat_ws(' ', CASE tenant_id WHEN \(ada.tenant)::text::uuid THEN 'ada' ELSE tenant_id::text END, action, target_type, target_id,
                    changes - 'reason') FROM tessera.audit_log WHERE action LIKE 'feature_flag.%' ORDER BY occurred_at, seq
                """)
            let platform = "00000000-0000-0000-0000-000000000000 feature_flag.changed feature_flag api-tokens"
            #expect(
                entries == [
                    platform
                        + #" {"killed": "true", "killedBefore": "false", "defaultEnabled": "true", "rolloutPercent": "0", "defaultEnabledBefore": "true", "rolloutPercentBefore": "0"}"#,
                    platform
                        + #" {"killed": "false", "killedBefore": "true", "defaultEnabled": "true", "rolloutPercent": "5", "defaultEnabledBefore": "true", "rolloutPercentBefore": "0"}"#,
                    #"ada feature_flag.overridden feature_flag api-tokens {"enabled": "false"}"#,
                    #"ada feature_flag.overridden feature_flag api-tokens {"enabled": "true", "enabledBefore": "false"}"#,
                    #"ada feature_flag.override_removed feature_flag api-tokens {"enabledBefore": "true"}"#,
                ])
            let told = try await api.texts(
                "SELECT DISTINCT coalesce(changes->>'reason', '-') || ' ' || actor_id FROM tessera.audit_log WHERE action LIKE 'feature_flag.%' ORDER BY 1"
            )
            #expect(told == ["- \(root.user)", "a test \(root.user)"])
            // Five changes, five versions.
            #expect(try await api.texts("SELECT version::text FROM tessera.feature_flags") == ["6"])
        }
    }

    @Test func ofTwoAdministratorsOneOverwritesNothingUnseen() async throws {
        try await RunningAPI.with { api in
            let (one, two, ada) = (try await api.platformAdmin(), try await api.platformAdmin(), try await api.register())
            let kill = try await api.setFlag(#""killed":true"#, as: one, ifMatch: #""1""#)
            #expect(kill.status == 200)
            for reply in [
                try await api.setFlag(#""killed":false"#, as: two, ifMatch: #""1""#),
                try await api.setFlag(true, for: ada.tenant, as: two, ifMatch: #""1""#),
                try await api.setFlag(nil, for: ada.tenant, as: two, ifMatch: #"W/"2""#),
            ] {
                #expect(reply.status == 412)
                #expect(reply.code == "precondition_failed")
            }
            #expect(try await api.setFlag(#""killed":false"#, as: two, ifMatch: "2").code == "invalid_request")
            #expect(try await api.flag(as: ada.accessToken) == "api-tokens false killed")
            // An override moves the version as well: who hasn't seen it doesn't build on it.
            #expect(try await api.setFlag(true, for: ada.tenant, as: two, ifMatch: kill.header("ETag")).status == 200)
            #expect(try await api.setFlag(#""killed":false"#, as: one, ifMatch: #""2""#).status == 412)
            #expect(try await api.setFlag(#""killed":false"#, as: one, ifMatch: "*").status == 200)
            // Sixteen at once with the same version: one of them changes something.
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for percent in 1...16 {
                    group.addTask {
                        try await api.setFlag(#""rolloutPercent":\#(percent)"#, as: percent % 2 == 0 ? one : two, ifMatch: #""4""#).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [200] + [Int](repeating: 412, count: 15))
            #expect(try await api.texts("SELECT count(*)::text FROM tessera.audit_log WHERE action LIKE 'feature_flag.%'") == ["4"])
        }
    }
}
