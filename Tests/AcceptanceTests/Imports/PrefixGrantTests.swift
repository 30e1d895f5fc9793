import Foundation
import Postgres
import Support
import Testing

/// The platform says whose foreign tokens begin how.
@Suite struct PrefixGrantTests {
    @Test func aWithdrawnPrefixRefusesItsTokensAtOnceOnEveryNodeUntilItIsBack() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            let other = try await RunningAPI.start(over: api.database)
            let path = "/api/v1/admin/tenants/\(ada.tenant)/token-prefix"
            #expect(try await api.get(path, as: root.accessToken).body.tokenPrefix.isNull)
            #expect(try await api.grant("acme_live_", to: ada.tenant, as: root).status == 200)
            #expect(try await api.get(path, as: root.accessToken).body.tokenPrefix.prefix.string == "acme_live_")
            let old = ForeignToken("acme_live_")
            #expect(try await api.take([old.item()], as: ada.accessToken).status == 201)
            #expect(try await api.get("/api/v1/me", as: old.plain).status == 200)
            // The other node learns of it within seconds.
            try await eventually("the other node knows the prefix", within: .seconds(10)) {
                try await other.get("/api/v1/me", as: old.plain).status == 200
            }
            #expect(try await api.send("DELETE", path, as: root.accessToken).status == 204)
            // The other node still has it in its table: that only says where to look.
            for node in [api, other] { #expect(try await node.get("/api/v1/me", as: old.plain).code == "invalid_token") }
            #expect(try await api.send("DELETE", path, as: root.accessToken).status == 204)
            #expect(try await api.take([ForeignToken("acme_live_").item()], as: ada.accessToken).code == "forbidden")
            #expect(try await api.grant("acme_live_", to: ada.tenant, as: root).status == 200)
            #expect(try await api.get("/api/v1/me", as: old.plain).status == 200)
            let connection = try await api.database.connect()
            let entries = try await connection.query(
                "SELECT action || ' ' || (changes->>'prefix') FROM tessera.audit_log WHERE action LIKE 'token_prefix.%' AND tenant_id = \(ada.tenant)::text::uuid ORDER BY seq"
            ).decode(String.self)
            #expect(entries == ["token_prefix.granted acme_live_", "token_prefix.withdrawn acme_live_", "token_prefix.granted acme_live_"])
            await connection.close()
            try await other.stop()
        }
    }

    @Test func aPrefixThatWentToAnotherTenantNeverFindsTheFirstOnesTokens() async throws {
        try await RunningAPI.with { api in
            let (root, ada, bob) = (try await api.platformAdmin(), try await api.register(), try await api.register("bob"))
            _ = try await api.grant("acme_live_", to: ada.tenant, as: root)
            let old = ForeignToken("acme_live_")
            #expect(try await api.take([old.item()], as: ada.accessToken).status == 201)
            #expect(try await api.send("DELETE", "/api/v1/admin/tenants/\(ada.tenant)/token-prefix", as: root.accessToken).status == 204)
            #expect(try await api.grant("acme_live_", to: bob.tenant, as: root).status == 200)
            #expect(try await api.get("/api/v1/me", as: old.plain).code == "invalid_token")
            #expect(try await api.take([old.item()], as: bob.accessToken).status == 201)
            #expect(try await api.get("/api/v1/me", as: old.plain).body.email.string == bob.email)
        }
    }

    @Test func prefixesThatOverlapAreRefused() async throws {
        try await RunningAPI.with { api in
            let (root, ada, bob) = (try await api.platformAdmin(), try await api.register(), try await api.register("bob"))
            #expect(try await api.grant("acme_live_", to: ada.tenant, as: root).status == 200)
            for prefix in ["acme_live_", "acme_l", "acme_live_eu_"] {
                let refused = try await api.grant(prefix, to: bob.tenant, as: root)
                #expect(refused.status == 409, "\(prefix)")
                #expect(refused.code == "prefix_taken", "\(prefix)")
            }
            #expect(try await api.grant("acme_test_", to: bob.tenant, as: root).status == 200)
            // The same once more is no change; another one, or another form, takes the first one's withdrawal.
            #expect(try await api.grant("acme_test_", to: bob.tenant, as: root).status == 200)
            #expect(try await api.grant("bobco_test_", to: bob.tenant, as: root).code == "prefix_taken")
            #expect(try await api.grant("acme_test_", length: 41, to: bob.tenant, as: root).code == "prefix_taken")
            // A deleted tenant's is free again.
            #expect(try await api.send("DELETE", "/api/v1/admin/tenants/\(ada.tenant)", as: root.accessToken).status == 204)
            #expect(try await api.grant("acme_live_", to: ada.tenant, as: root).status == 404)
            let cat = try await api.register("cat")
            #expect(try await api.grant("acme_live_", to: cat.tenant, as: root).status == 200)
            #expect(try await api.grant("acme_other_", to: UUID().uuidString, as: root).status == 404)
        }
    }

    /// Another node's grant is made and not yet committed: nobody sees it, and it counts all the same.
    @Test func anOverlappingGrantWaitsForTheOneUnderWayAndIsRefused() async throws {
        try await RunningAPI.with { api in
            let (root, ada, bob) = (try await api.platformAdmin(), try await api.register(), try await api.register("bob"))
            let (other, watcher) = (try await api.database.connect(), try await api.database.connect())
            try await other.script("BEGIN; SELECT pg_advisory_xact_lock(hashtext('tessera.token_prefixes'))")
            _ = try await other.query(
                """
                INSERT INTO tessera.token_prefixes (tenant_id, prefix, length, alphabet, granted_by, granted_at)
                VALUES (\(ada.tenant)::text::uuid, 'acme_live_', 40, '0123456789abcdef', gen_random_uuid(), now())
                """)
            async let reply = api.grant("acme_live_eu_", to: bob.tenant, as: root)
            let waiting: SQL =
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            try await eventually("the grant waits", within: .seconds(2)) { try await watcher.query(waiting).decode(Int.self) == [1] }
            try await other.script("COMMIT")
            #expect(try await reply.code == "prefix_taken")
            #expect(try await watcher.query("SELECT prefix FROM tessera.token_prefixes").decode(String.self) == ["acme_live_"])
            await other.close()
            await watcher.close()
        }
    }

    @Test func whatIsNoPrefixOfSafeTokensIsRefused() async throws {
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            for (prefix, length, alphabet, fault) in [
                ("acme_", 40, ForeignToken.alphabet, "/prefix too_short"),
                (String(repeating: "a", count: 33), 60, ForeignToken.alphabet, "/prefix too_long"),
                ("tsr_4f", 98, ForeignToken.alphabet, "/prefix reserved"), ("tss_4f", 98, ForeignToken.alphabet, "/prefix reserved"),
                ("tsf_4f", 98, ForeignToken.alphabet, "/prefix reserved"), ("eyJhbG", 98, ForeignToken.alphabet, "/prefix reserved"),
                ("acme live", 40, ForeignToken.alphabet, "/prefix invalid"), ("acme_live_", 19, ForeignToken.alphabet, "/length out_of_range"),
                ("acme_live_", 30, ForeignToken.alphabet, "/length too_short"), ("acme_live_", 256, ForeignToken.alphabet, "/length out_of_range"),
                ("acme_live_", 40, "012345678", "/alphabet too_short"), ("acme_live_", 40, "00123456789", "/alphabet repeated"),
                ("acme_live_", 40, "0123456789 ", "/alphabet invalid"),
            ] {
                let refused = try await api.grant(prefix, length: length, alphabet: alphabet, to: ada.tenant, as: root)
                #expect(refused.status == 422)
                #expect(refused.body.errors.array.map { "\($0.pointer.string ?? "") \($0.code.string ?? "")" } == [fault], "\(prefix)")
            }
            #expect(try await api.get("/api/v1/admin/tenants/\(ada.tenant)/token-prefix", as: root.accessToken).body.tokenPrefix.isNull)
        }
    }
}
