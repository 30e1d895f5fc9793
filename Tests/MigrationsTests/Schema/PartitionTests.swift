import Foundation
import Postgres
import Support
import Testing

/// Partitions come and go by the owner's functions only, and never with rows that nothing accounts for.
@Suite struct PartitionTests {
    @Test func ensureMakesAWeekOnceHoweverManyAsk() async throws {
        try await TestDatabase.with { database in
            let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        let jobs = try await database.connect(role: "tessera_jobs")
                        let made = try await jobs.query("SELECT tessera.usage_partition_ensure('2031-05-14')").decode(Bool.self)[0]
                        await jobs.close()
                        return made
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(made == 1)
            let jobs = try await database.connect(role: "tessera_jobs")
            #expect(try await jobs.query("SELECT count(*) FROM tessera.usage_partitions() d WHERE d = '2031-05-12'").decode(Int.self) == [1])
            await jobs.close()
        }
    }

    @Test func dropTakesAgeAndAgreeingRollups() async throws {
        try await TestDatabase.with { database in
            let owner = try await database.connect()
            let jobs = try await database.connect(role: "tessera_jobs")
            await #expect(throws: PostgresError.self) { try await jobs.query("SELECT tessera.usage_partition_drop(current_date)") }
            _ = try await jobs.query("SELECT tessera.usage_partition_ensure('2020-01-08')")
            _ = try await owner.query(
                "INSERT INTO tessera.api_token_usage VALUES (gen_random_uuid(), gen_random_uuid(), '2020-01-08T12:00:00Z', gen_random_uuid(), 'GET', 200, 1, '/')"
            )
            await #expect(throws: PostgresError.self) { try await jobs.query("SELECT tessera.usage_partition_drop('2020-01-08')") }
            _ = try await owner.query(
                "INSERT INTO tessera.api_token_usage_daily VALUES (gen_random_uuid(), gen_random_uuid(), '2020-01-08T00:00:00Z', 'GET', 200, 3, 1, 1, 1, 1, 1, 1, 1, 1)"
            )
            #expect(try await jobs.query("SELECT tessera.usage_partition_drop('2020-01-08')").decode(Bool.self) == [true])
            #expect(try await jobs.query("SELECT tessera.usage_partition_drop('2020-01-08')").decode(Bool.self) == [false])
            await owner.close()
            await jobs.close()
        }
    }

    @Test func noOneElseMayCallThem() async throws {
        try await TestDatabase.with { database in
            for role in ["tessera_app", "tessera_auth", "tessera_ingest", "tessera_admin"] {
                let connection = try await database.connect(role: role)
                await #expect { try await connection.query("SELECT tessera.usage_partition_ensure(current_date)") } throws: {
                    ($0 as? PostgresError)?.sqlState == .insufficientPrivilege
                }
                await connection.close()
            }
        }
    }
}
