import Domain
import Persistence
import Postgres
import Testing

/// Nobody is served over a database whose walls have holes. Each test has a database of its own, since it breaks it.
@Suite struct StartupCheckTests {
    @Test func aMigratedDatabaseHasNoFault() async throws {
        let faults = try await Stores.with { stores in try await Self.faults(of: stores) }
        #expect(faults.isEmpty)
    }

    @Test(arguments: [
        ("ALTER TABLE tessera.api_tokens DISABLE ROW LEVEL SECURITY", "tessera.api_tokens"),
        ("ALTER TABLE tessera.api_token_usage NO FORCE ROW LEVEL SECURITY", "tessera.api_token_usage"),
        ("DELETE FROM tessera_migrations.history WHERE version = \(SchemaVersion.current)", "tessera-migrate up"),
        ("DROP TABLE tessera_migrations.history", "tessera-migrate up"),
    ])
    func aHoleIsNamed(breakage: String, word: String) async throws {
        try await Stores.with { stores in
            _ = try await stores.superuser.query(SQL(unsafeRaw: breakage))
            let faults = try await Self.faults(of: stores)
            #expect(faults.count == 1)
            #expect(faults.first?.contains(word) == true, "\(faults)")
        }
    }

    @Test func aGrantOnAPartitionIsNamed() async throws {
        try await Stores.with { stores in
            let names = try await stores.superuser.query(
                "SELECT c.oid::regclass::text FROM pg_class c WHERE relnamespace = 'tessera_partitions'::regnamespace AND relkind = 'r' LIMIT 1")
            let partition = try #require(try names.decode(String.self).first)
            _ = try await stores.superuser.query(SQL(unsafeRaw: "GRANT SELECT ON \(partition) TO tessera_app"))
            let faults = try await Self.faults(of: stores)
            #expect(faults.first?.contains("revoke") == true)
        }
    }

    @Test func aSuperuserIsNoRoleToServeWith() async throws {
        try await Stores.with { stores in
            let faults = try await StartupCheck(pools: [("tessera_app", stores.superuser)], jobs: stores.jobs).faults()
            #expect(faults.first?.contains("superuser") == true)
        }
    }

    private static func faults(of stores: Stores) async throws -> [String] {
        try await StartupCheck(pools: [("tessera_app", stores.app), ("tessera_auth", stores.auth)], jobs: stores.jobs).faults()
    }
}
