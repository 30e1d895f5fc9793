import Foundation
import Postgres
import Support
import Testing

@testable import Migrations

/// Nothing is ever half applied, whoever runs at the same time and however a run ends.
@Suite struct RunnerTests {
    @Test func upDownUpGivesTheSameSchemaOnAnEmptyDatabase() async throws {
        try await Workspace.with { workspace in
            let runner = try workspace.runner(try MigrationDirectory.load(Checkout.path("Migrations")))
            let applied = try await runner.up()
            let first = try await workspace.dump()
            let takenBack = try await runner.down(steps: .max)
            #expect(takenBack.map(\.version) == applied.map(\.version).reversed())
            _ = try await runner.up()
            let second = try await workspace.dump()
            #expect(second == first)
        }
    }

    @Test func upDownUpGivesTheSameSchemaOnAPopulatedOlderOne() async throws {
        try await Workspace.with { workspace in
            let files = try MigrationDirectory.load(Checkout.path("Migrations"))
            let runner = try workspace.runner(files)
            for older in files.indices.dropLast() {
                _ = try await runner.up(to: files[older].version)
                if older == 0 {
                    _ = try await workspace.query(
                        "INSERT INTO tessera.tenants (id, slug, name, created_at, updated_at) VALUES (gen_random_uuid(), 'old-one', 'Old', now(), now())"
                    )
                }
            }
            let before = try await workspace.dump()
            _ = try await runner.up()
            let after = try await workspace.dump()
            _ = try await runner.down(steps: 1)
            #expect(try await workspace.dump() == before)
            _ = try await runner.up()
            #expect(try await workspace.dump() == after)
            #expect(try await workspace.query("SELECT slug FROM tessera.tenants").decode(String.self) == ["old-one"])
        }
    }

    @Test func twoRunnersAtOnceApplyOnce() async throws {
        try await Workspace.with { workspace in
            try workspace.write(
                "20260101000000_count.sql",
                "-- +up\nSELECT pg_sleep(0.3);\nCREATE TABLE tessera.runs (at timestamptz);\nINSERT INTO tessera.runs VALUES (now());\n")
            let runner = try workspace.runner()
            async let first = runner.up()
            async let second = runner.up()
            let counts = try await [first.count, second.count].sorted()
            #expect(counts == [0, 1])
            #expect(try await workspace.query("SELECT count(*) FROM tessera.runs").decode(Int.self) == [1])
        }
    }

    @Test func killedRunnerLeavesNothingAndCanBeRunAgain() async throws {
        try await Workspace.with { workspace in
            try workspace.write(
                "20260101000000_slow.sql", "-- +up\nCREATE TABLE tessera.half (x int);\nSELECT pg_sleep(2);\nCREATE TABLE tessera.whole (x int);\n")
            let process = try workspace.start("up")
            try await eventually("it is in the middle") {
                try await workspace.query(
                    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tessera-migrate' AND datname = \(workspace.database.name) AND wait_event = 'PgSleep'"
                ).decode(Int.self) == [1]
            }
            process.signal(SIGKILL)
            #expect(try await process.exitCode() == -SIGKILL)
            #expect(try await workspace.query("SELECT to_regclass('tessera.half') IS NULL").decode(Bool.self) == [true])
            let again = try await workspace.command("up")
            #expect(again.code == 0, "\(again.errors)")
            #expect(try await workspace.query("SELECT to_regclass('tessera.whole') IS NOT NULL").decode(Bool.self) == [true])
        }
    }

    @Test func indexIsBuiltConcurrentlyWhileASecondRunnerWaits() async throws {
        try await Workspace.with { workspace in
            try workspace.write("20260101000000_table.sql", "-- +up\nCREATE TABLE tessera.t AS SELECT generate_series(1, 200000) AS x;\n")
            _ = try await workspace.runner().up()
            try workspace.write(
                "20260102000000_index.sql",
                "-- +no-transaction\n-- +up\nCREATE INDEX CONCURRENTLY IF NOT EXISTS t_x ON tessera.t (x);\n-- +down\nDROP INDEX CONCURRENTLY tessera.t_x;\n"
            )
            let runner = try workspace.runner()
            async let first = runner.up()
            async let second = runner.up()
            #expect(try await [first.count, second.count].sorted() == [0, 1])
            #expect(
                try await workspace.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'tessera.t_x'::regclass").decode(Bool.self) == [true])
            _ = try await runner.down(steps: 1)
            #expect(try await workspace.query("SELECT to_regclass('tessera.t_x') IS NULL").decode(Bool.self) == [true])
        }
    }

    @Test func interruptedFileWithoutTransactionGoesOnWhereItWas() async throws {
        try await Workspace.with { workspace in
            try workspace.write(
                "20260101000000_steps.sql",
                "-- +no-transaction\n-- +up\nCREATE TABLE tessera.one (x int);\nSELECT 1 / (SELECT count(*) FROM tessera.ready);\nCREATE TABLE tessera.two (x int);\n"
            )
            _ = try await workspace.query("CREATE TABLE tessera.ready (x int)")
            _ = try await workspace.query("GRANT SELECT ON tessera.ready TO tessera_owner")
            await #expect(throws: MigrationFailure.self) { try await workspace.runner().up() }
            #expect(
                try await workspace.query("SELECT complete, statements FROM tessera_migrations.history").decode(Bool.self, Int.self).first.map {
                    !$0.0 && $0.1 == 1
                } == true)
            _ = try await workspace.query("INSERT INTO tessera.ready VALUES (1)")
            _ = try await workspace.runner().up()
            #expect(try await workspace.query("SELECT to_regclass('tessera.two') IS NOT NULL").decode(Bool.self) == [true])
        }
    }

    @Test func heldLockIsTriedAgainUntilItIsFree() async throws {
        try await Workspace.with { workspace in
            try workspace.write("20260101000000_t.sql", "-- +up\nCREATE TABLE tessera.t (x int);\n")
            _ = try await workspace.runner().up()
            try workspace.write("20260102000000_c.sql", "-- +up\nALTER TABLE tessera.t ADD COLUMN y int;\n")
            let holder = try await workspace.database.connect()
            try await holder.script("BEGIN; LOCK TABLE tessera.t IN ACCESS SHARE MODE")
            let runner = try workspace.runner()
            async let applied = runner.up()
            try await eventually("it has given way once") {
                try await workspace.query(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = \(workspace.database.name) AND wait_event_type = 'Lock'"
                ).decode(Int.self) == [1]
            }
            try await holder.script("COMMIT")
            await holder.close()
            #expect(try await applied.count == 1)
        }
    }

    @Test func failureNamesFileAndLineAndLeavesNothing() async throws {
        try await Workspace.with { workspace in
            try workspace.write("20260101000000_bad.sql", "-- why\n-- +up\nCREATE TABLE tessera.t (x int);\nSELECT nonsense FROM tessera.t;\n")
            let failed = try await workspace.command("up")
            #expect(failed.code == 1)
            #expect(failed.errors.contains("20260101000000_bad, line 4"), "\(failed.errors)")
            #expect(try await workspace.query("SELECT to_regclass('tessera.t') IS NULL").decode(Bool.self) == [true])
        }
    }
}
