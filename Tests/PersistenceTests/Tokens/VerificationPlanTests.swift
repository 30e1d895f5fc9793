import Domain
import Foundation
import Persistence
import Postgres
import Support
import Testing

/// What the verification of a token asks is answered by primary keys, however many tokens there are.
@Suite struct VerificationPlanTests {
    /// As the server plans a prepared statement once it has settled on one plan for all values.
    @Test func everyStatementOfAVerificationReadsByPrimaryKeysOnly() async throws {
        try await TestDatabase.with { database in
            try await fill(database)
            let connection = try await database.connect(role: "tessera_auth")
            try await connection.script("SET plan_cache_mode = force_generic_plan")
            let (token, tenant) = (TokenID(UUID()), TenantID(UUID()))
            let hash = try #require(HashedToken(bytes: Array(repeating: 7, count: 32)))
            let statements: [(name: String, SQL, arguments: String, tables: Set<String>)] = [
                (
                    "user", CredentialTable.token(token, .user, tenant), "'\(tenant)', '\(token)'",
                    ["api_tokens", "tenants", "users", "memberships", "token_activity"]
                ),
                (
                    "service_account", CredentialTable.token(token, .serviceAccount, tenant), "'\(tenant)', '\(token)'",
                    ["api_tokens", "tenants", "service_accounts", "token_activity"]
                ),
                (
                    "imported", CredentialTable.importedToken(hash, "acme_live_", tenant), "'\(tenant)', '\\x07', 'acme_live_'",
                    ["imported_tokens", "token_prefixes", "api_tokens", "tenants", "users", "memberships", "service_accounts", "token_activity"]
                ),
                ("earlier_secret", CredentialTable.earlierSecret(hash, token, tenant), "'\(tenant)', '\(token)', '\\x07'", ["token_secrets"]),
            ]
            for (name, statement, arguments, tables) in statements {
                try await connection.script("PREPARE of_\(name) AS \(statement.text)")
                let plan = try await connection.query("EXPLAIN (COSTS OFF) EXECUTE \(unsafeRaw: "of_\(name)(\(arguments))")").decode(String.self)
                let scans = plan.compactMap { $0.firstMatch(of: /(\w[\w ]*) Scan(?: using (\w+))? on (\w+)/) }
                #expect(Set(scans.map { String($0.3) }) == tables, "\(plan)")
                // The other index of memberships is on the same key, the other way round.
                #expect(
                    scans.allSatisfy { $0.1 == "Index" && ["\($0.3)_pkey", "memberships_user_id_idx"].contains($0.2.map(String.init)) }, "\(plan)")
                // There is nothing else than look-ups, one within the other.
                let steps = plan.filter { !$0.contains("Index Cond") && !$0.contains("Filter") && !$0.contains("Scan using") }
                #expect(steps.allSatisfy { $0.contains("Nested Loop") || $0.contains("SubPlan") }, "\(plan)")
                #expect(plan.count { $0.contains("Index Cond") } == tables.count, "\(plan)")
            }
            await connection.close()
        }
    }

    /// Five thousand tenants of four people, service accounts and tokens each: no plan is by the smallness of a table, and a plan that
    /// reads all tokens of a tenant looks as good as one that reads one, until there is a tenant with many.
    private func fill(_ database: TestDatabase) async throws {
        let connection = try await database.connect()
        // Writes all rows, no index asked; foreign keys hold.
        try await connection.script(
            """
            INSERT INTO tessera.tenants (id, slug, name, created_at, updated_at)
                SELECT gen_random_uuid(), 'tenant-' || n, 'tenant', now(), now() FROM generate_series(1, 5000) n;
            CREATE TEMPORARY TABLE person AS
                SELECT id AS tenant, gen_random_uuid() AS id, n FROM tessera.tenants, generate_series(1, 4) n;
            INSERT INTO tessera.users (id, email, name, password_hash, created_at, updated_at)
                SELECT id, id || '@example.com', 'ada', '', now(), now() FROM person;
            INSERT INTO tessera.memberships (tenant_id, user_id, role, name, email, joined_at)
                SELECT tenant, id, 'member', 'ada', id || '@example.com', now() FROM person;
            INSERT INTO tessera.service_accounts (tenant_id, id, name, role, created_by, created_at, updated_at)
                SELECT tenant, gen_random_uuid(), 'ci-' || n, 'member', id, now(), now() FROM person;
            INSERT INTO tessera.api_tokens (tenant_id, id, owner_id, name, token_prefix, token_hash, scopes, created_at, updated_at)
                SELECT tenant, gen_random_uuid(), id, 'token', 'tsr_', sha256(id::text::bytea), '{read}', now(), now() FROM person;
            INSERT INTO tessera.token_activity (tenant_id, token_id, last_used_at) SELECT tenant_id, id, now() FROM tessera.api_tokens;
            INSERT INTO tessera.token_secrets (tenant_id, token_id, hash, replaced_at, good_until)
                SELECT tenant_id, id, sha256(id::text::bytea), now(), now() FROM tessera.api_tokens;
            INSERT INTO tessera.token_prefixes (tenant_id, prefix, length, alphabet, granted_by, granted_at)
                SELECT id, 'acme' || right(slug, 4) || '_', 40, '0123456789', id, now() FROM tessera.tenants;
            INSERT INTO tessera.imported_tokens (tenant_id, hash, token_id, prefix)
                SELECT tenant_id, sha256(id::text::bytea), id, 'acme_live_' FROM tessera.api_tokens;
            ANALYZE
            """)
        await connection.close()
    }
}
