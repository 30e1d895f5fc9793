import Foundation
import Postgres
import Support
import Testing

/// The second wall: what a query forgets, row security doesn't.
@Suite struct RowSecurityTests {
    @Test func everyTenantTableAndPartitionForcesRowSecurity() async throws {
        try await TestDatabase.with { database in
            let connection = try await database.connect()
            let open = try await connection.query(
                """
                SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname IN ('tessera', 'tessera_partitions') AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
                  AND (n.nspname = 'tessera_partitions' OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') OR c.relname = 'tenants')
                """
            ).decode(String.self)
            #expect(open.isEmpty)
            // The tenant is first in every primary key and unique index of a tenant table.
            let loose = try await connection.query(
                """
                SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                WHERE n.nspname = 'tessera' AND i.indisunique AND a.attname <> 'tenant_id'
                  AND EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id')
                """
            ).decode(String.self)
            #expect(loose.isEmpty)
            await connection.close()
        }
    }

    @Test func withoutAWhereOnlyTheTenantsOwnRowsAreSeen() async throws {
        try await TestDatabase.with { database in
            let (ada, bob) = try await database.twoTenants()
            let app = try await database.connect(role: "tessera_app")
            for table in [
                "tenants", "memberships", "api_tokens", "token_activity", "api_token_usage", "api_token_usage_hourly", "api_token_usage_daily",
                "token_prefixes", "imported_tokens", "tenant_feature_flags",
            ] {
                let column = table == "tenants" ? "id" : "tenant_id"
                // No setting: nothing at all. Not even after a transaction has had one: it falls back to the empty string.
                #expect(try await app.query("SELECT \(identifier: column) FROM tessera.\(identifier: table)").isEmpty, "\(table)")
                for tenant in [ada, bob] {
                    try await app.script("BEGIN")
                    _ = try await app.query("SELECT set_config('app.tenant_id', \(tenant.uuidString), true)")
                    let seen = try await app.query("SELECT DISTINCT \(identifier: column) FROM tessera.\(identifier: table)").decode(UUID.self)
                    #expect(seen == [tenant], "\(table)")
                    try await app.script("COMMIT")
                }
                #expect(try await app.query("SELECT \(identifier: column) FROM tessera.\(identifier: table)").isEmpty, "\(table)")
            }
            await app.close()
        }
    }

    @Test func rowsOfAnotherTenantCanNeitherBeWrittenNorMoved() async throws {
        try await TestDatabase.with { database in
            let (ada, bob) = try await database.twoTenants()
            let app = try await database.connect(role: "tessera_app")
            try await app.script("BEGIN")
            _ = try await app.query("SELECT set_config('app.tenant_id', \(ada.uuidString), true)")
            let hidden = try await app.query("UPDATE tessera.api_tokens SET name = 'x' WHERE tenant_id = \(bob)")
            #expect(hidden.affected == 0)
            await #expect {
                try await app.query(
                    "INSERT INTO tessera.api_tokens (tenant_id, id, owner_id, name, token_prefix, token_hash, scopes, created_at, updated_at) VALUES (\(bob), gen_random_uuid(), gen_random_uuid(), 'x', 'x', decode(repeat('00', 32), 'hex'), '{read}', now(), now())"
                )
            } throws: { error in
                (error as? PostgresError)?.sqlState == .insufficientPrivilege
            }
            await app.close()
        }
    }

    @Test func strayGrantOnAPartitionShowsNothing() async throws {
        try await TestDatabase.with { database in
            _ = try await database.twoTenants()
            let owner = try await database.connect()
            let partition = try await owner.query("SELECT tableoid::regclass::text FROM tessera.api_token_usage LIMIT 1").decode(String.self)[0]
            _ = try await owner.query("GRANT USAGE ON SCHEMA tessera_partitions TO tessera_app, tessera_ingest, tessera_auth")
            _ = try await owner.query("GRANT ALL ON \(unsafeRaw: partition) TO tessera_app, tessera_ingest, tessera_auth")
            for role in ["tessera_app", "tessera_ingest", "tessera_auth"] {
                let connection = try await database.connect(role: role)
                #expect(try await connection.query("SELECT * FROM \(unsafeRaw: partition)").isEmpty)
                await connection.close()
            }
            await owner.close()
        }
    }

    @Test func hashesAreOutOfTheApplicationsReach() async throws {
        try await TestDatabase.with { database in
            let app = try await database.connect(role: "tessera_app")
            for query in [
                "SELECT token_hash FROM tessera.api_tokens", "SELECT * FROM tessera.users", "SELECT * FROM tessera.sessions",
                "SELECT * FROM tessera.signing_keys",
            ] {
                await #expect { try await app.query(SQL(unsafeRaw: query)) } throws: { ($0 as? PostgresError)?.sqlState == .insufficientPrivilege }
            }
            await app.close()
        }
    }
}

extension TestDatabase {
    /// Two tenants with a member, a token and a record each.
    func twoTenants() async throws -> (UUID, UUID) {
        let connection = try await connect()
        let (ada, bob) = (UUID(), UUID())
        for (tenant, slug) in [(ada, "ada-co"), (bob, "bob-co")] {
            let (user, token) = (UUID(), UUID())
            _ = try await connection.query(
                "INSERT INTO tessera.tenants (id, slug, name, created_at, updated_at) VALUES (\(tenant), \(slug), \(slug), now(), now())")
            _ = try await connection.query(
                "INSERT INTO tessera.users (id, email, name, password_hash, created_at, updated_at) VALUES (\(user), \(slug), \(slug), 'x', now(), now())"
            )
            _ = try await connection.query(
                "INSERT INTO tessera.memberships (tenant_id, user_id, role, name, email, joined_at) VALUES (\(tenant), \(user), 'owner', 'n', 'e', now())"
            )
            _ = try await connection.query(
                "INSERT INTO tessera.api_tokens (tenant_id, id, owner_id, name, token_prefix, token_hash, scopes, created_at, updated_at) VALUES (\(tenant), \(token), \(user), 'x', 'x', decode(repeat('00', 32), 'hex'), '{read}', now(), now())"
            )
            _ = try await connection.query("INSERT INTO tessera.token_activity VALUES (\(tenant), \(token), now())")
            _ = try await connection.query("INSERT INTO tessera.token_prefixes VALUES (\(tenant), \(slug + "_"), 40, '0123456789', \(user), now())")
            _ = try await connection.query("INSERT INTO tessera.tenant_feature_flags VALUES (\(tenant), 'api-tokens', true, 'r', \(user), now())")
            _ = try await connection.query(
                "INSERT INTO tessera.imported_tokens VALUES (\(tenant), decode(repeat('00', 32), 'hex'), \(token), \(slug + "_"))")
            _ = try await connection.query(
                "INSERT INTO tessera.api_token_usage VALUES (\(tenant), \(token), now(), gen_random_uuid(), 'GET', 200, 1, '/')")
            for table in ["hourly", "daily"] {
                _ = try await connection.query(
                    "INSERT INTO tessera.api_token_usage_\(unsafeRaw: table) VALUES (\(tenant), \(token), now(), 'GET', 200, 1, 1, 1, 1, 1, 1, 1, 1, 1)"
                )
            }
        }
        await connection.close()
        return (ada, bob)
    }
}
