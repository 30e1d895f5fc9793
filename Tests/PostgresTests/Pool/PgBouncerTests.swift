import Foundation
import Postgres
import Support
import Testing

/// pgbouncer before 1.21 in transaction mode knows no prepared statements: the unnamed mode has to do without.
@Suite(
    .privateServer, .timeLimit(.minutes(2)),
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/sbin/pgbouncer"), "pgbouncer is not installed"))
struct PgBouncerTests {
    @Test func unitsOfManyClientsTakeTurnsOnFewServerConnections() async throws {
        let server = try PrivateServer.required()
        let pooler = try await Pooler.start(for: server, serverConnections: 2)
        try await withPool(PostgresPool.Configuration(connection: pooler.configuration, sharedConnections: 4)) { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<16 {
                    group.addTask {
                        for number in 0..<100 {
                            let answers = try await pool.unit(
                                ["SELECT current_setting('app.tenant_id')", "SELECT \(number) + \(client)"],
                                settings: [Setting("app.tenant_id", "tenant \(client)")])
                            #expect(try answers[0].only(String.self) == "tenant \(client)")
                            #expect(try answers[1].only(Int.self) == number + client)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let transaction = try await pool.transaction { lease in
                _ = try await lease.query("CREATE TABLE pooled (n int)")
                _ = try await lease.query("INSERT INTO pooled VALUES (\(1))")
                return try await lease.query("SELECT count(*) FROM pooled").only(Int.self)
            }
            #expect(transaction == 1)
            await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1 / 0") }
            #expect(try await pool.query("SELECT \("on")").only(String.self) == "on")
            #expect(try await pool.query("SELECT count(*) FROM pg_prepared_statements WHERE name <> ''").only(Int.self) == 0)
        }
        try await pooler.stop()
    }
}
