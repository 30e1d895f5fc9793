import Foundation
import Postgres
import Support
import Testing

/// What keeps the API from serving is one sentence each, and a code other than zero.
@Suite struct StartupTests {
    @Test func everyFaultOfTheConfigurationIsNamedAtOnce() async throws {
        let ended = try await api([
            "TESSERA_HTTP_PORT": "many", "TESSERA_LIMITS_TOKEN": "600", "TESSERA_LOG_LEVEL": "loud", "TESSERA_AUTH_KEY_ENCRYPTION_KEY": "short",
            "TESSERA_AUTH_REGISTRATION": "maybe",
        ])
        #expect(ended.code == 1)
        for part in [
            "TESSERA_HTTP_PORT (http.port) must be a whole number from 0 to 65535, not \"many\"", "TESSERA_DATABASE_URL (database.url) is not set",
            "TESSERA_LIMITS_TOKEN", "TESSERA_LOG_LEVEL", "TESSERA_AUTH_KEY_ENCRYPTION_KEY (auth.keyEncryptionKey) must be 32 bytes",
            "TESSERA_AUTH_REGISTRATION",
        ] { #expect(ended.errors.contains(part), "\(part)") }
        #expect(!ended.errors.contains("short"))
    }

    @Test func unreachableDatabaseIsSaid() async throws {
        let ended = try await api(["TESSERA_DATABASE_URL": "postgresql:///x?host=/nowhere", "TESSERA_AUTH_KEY_ENCRYPTION_KEY": key])
        #expect(ended.code == 1)
        #expect(ended.errors.contains("The database can't be reached"))
        #expect(ended.errors.contains("TESSERA_DATABASE_URL"))
    }

    @Test func malformedURLIsSaidWithoutItsPassword() async throws {
        let ended = try await api(["TESSERA_DATABASE_URL": "postgresql://u:hunter2@[host", "TESSERA_AUTH_KEY_ENCRYPTION_KEY": key])
        #expect(ended.code == 1)
        #expect(ended.errors.contains("TESSERA_DATABASE_URL can't be parsed"))
        #expect(!ended.errors.contains("hunter2"))
    }

    @Test func emptyDatabaseSaysWhatToRun() async throws {
        let database = try await TestDatabase.empty()
        let ended = try await api(RunningAPI.environment(for: database))
        try await database.drop()
        #expect(ended.code == 1)
        #expect(ended.errors.contains("tessera-migrate"))
    }

    @Test(arguments: [(-1, "run tessera-migrate up"), (1, "newer than this tessera-api")])
    func schemaBehindOrAheadSaysWhatToDo(shift: Int, advice: String) async throws {
        try await TestDatabase.with { database in
            let connection = try await database.connect()
            _ = try await connection.query(
                "UPDATE tessera_migrations.history SET version = version + \(shift) WHERE version = (SELECT max(version) FROM tessera_migrations.history)"
            )
            await connection.close()
            let ended = try await api(RunningAPI.environment(for: database))
            #expect(ended.code == 1)
            #expect(ended.errors.contains(advice))
        }
    }

    @Test func weakenedIsolationIsRefused() async throws {
        try await TestDatabase.with { database in
            let connection = try await database.connect()
            _ = try await connection.query("ALTER TABLE tessera.api_tokens NO FORCE ROW LEVEL SECURITY")
            let partitions = try await connection.query(
                "SELECT relname::text FROM pg_class WHERE relnamespace = 'tessera_partitions'::regnamespace AND relkind = 'r'")
            let partition = try #require(try partitions.decode(String.self).first)
            _ = try await connection.query("GRANT SELECT ON tessera_partitions.\(identifier: partition) TO tessera_app")
            await connection.close()
            let ended = try await api(RunningAPI.environment(for: database))
            #expect(ended.code == 1)
            #expect(ended.errors.contains("Row security is not enabled and forced on tessera.api_tokens"))
            #expect(ended.errors.contains("granted rights on the partition \(partition)"))
        }
    }

    @Test func superuserIsRefused() async throws {
        try await TestDatabase.with { database in
            let ended = try await api(
                RunningAPI.environment(for: database).merging(["TESSERA_DATABASE_APP_URL": database.url(role: "postgres")]) { _, new in new })
            #expect(ended.code == 1)
            #expect(ended.errors.contains("is the superuser postgres"))
        }
    }

    @Test func portInUseSaysWhichAndHowToChangeIt() async throws {
        try await RunningAPI.with { running in
            let ended = try await api(
                RunningAPI.environment(for: running.database).merging(["TESSERA_HTTP_PORT": "\(running.port)"]) { _, new in new })
            #expect(ended.code == 1)
            #expect(ended.errors.contains("can't listen on 127.0.0.1:\(running.port)"))
            #expect(ended.errors.contains("TESSERA_HTTP_PORT"))
        }
    }

    @Test func keysOfAnotherSecretAreSaid() async throws {
        try await TestDatabase.with { database in
            let first = try await run(Checkout.executable("tessera-api"), ["check"], environment: RunningAPI.environment(for: database))
            #expect(first.code == 0, "\(first.errors)")
            let other = RunningAPI.environment(for: database).merging(["TESSERA_AUTH_KEY_ENCRYPTION_KEY": String(repeating: "aa", count: 32)]) {
                _, new in new
            }
            let ended = try await api(other)
            #expect(ended.code == 1)
            #expect(ended.errors.contains("sealed by another key"))
        }
    }

    private let key = String(repeating: "0f", count: 32)

    private func api(_ environment: [String: String]) async throws -> Finished {
        try await run(Checkout.executable("tessera-api"), environment: environment, within: .seconds(20))
    }
}
