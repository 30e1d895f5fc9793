import Foundation
import Postgres
import Support
import Testing

/// The executable says what is wrong in a sentence and a code.
@Suite struct CommandTests {
    @Test func statusTellsWhatIsPendingAndItsCode() async throws {
        try await Workspace.with { workspace in
            try workspace.write("20260101000000_a.sql", "-- +up\nSELECT 1;\n-- +down\nSELECT 1;\n")
            let pending = try await workspace.command("status", "--check", "--json")
            #expect(pending.code == 3)
            #expect(pending.output.contains(#""pending":[{"name":"a","version":"20260101000000"}]"#))
            // Looking wrote nothing.
            #expect(try await workspace.query("SELECT to_regclass('tessera_migrations.history') IS NULL").decode(Bool.self) == [true])
            #expect(try await workspace.command("up", "--json").output.contains(#""applied":[{"name":"a","version":"20260101000000"}]"#))
            #expect(try await workspace.command("status", "--check").code == 0)
            #expect(try await workspace.command("validate").code == 0)
            #expect(try await workspace.command("down").code == 0)
        }
    }

    @Test func driftAndMissingAndLateFilesAreConflicts() async throws {
        try await Workspace.with { workspace in
            try workspace.write("20260102000000_b.sql", "-- +up\nSELECT 1;\n")
            _ = try await workspace.command("up")
            try workspace.write("20260102000000_b.sql", "-- +up\nSELECT 2;\n")
            let drift = try await workspace.command("up")
            #expect(drift.code == 4)
            #expect(drift.errors.contains("20260102000000_b was changed after it was applied"))
            try workspace.write("20260102000000_b.sql", "-- only a comment\n-- +up\nSELECT 1;\n")
            try workspace.write("20260101000000_late.sql", "-- +up\nSELECT 1;\n")
            let late = try await workspace.command("validate")
            #expect(late.code == 4)
            #expect(late.errors.contains("older than"))
            try FileManager.default.removeItem(atPath: workspace.directory + "/20260102000000_b.sql")
            let missing = try await workspace.command("up")
            #expect(missing.code == 4)
            #expect(missing.errors.contains("its file is gone"))
        }
    }

    @Test func wrongUseAndAbsentServersHaveCodesOfTheirOwn() async throws {
        let program = try Checkout.executable("tessera-migrate")
        #expect(try await run(program, ["fly"]).code == 2)
        let unnamed = try await run(program, ["up", "--directory", Checkout.path("Migrations")])
        #expect(unnamed.code == 2)
        #expect(unnamed.errors.contains("TESSERA_DATABASE_MIGRATOR_URL"))
        let away = try await run(program, ["up", "--directory", Checkout.path("Migrations"), "--database-url", "postgresql:///x?host=/nowhere"])
        #expect(away.code == 7)
        let malformed = try await run(program, ["up", "--directory", Checkout.path("Migrations"), "--database-url", "postgresql://u:hunter2@[x"])
        #expect(malformed.code == 2)
        #expect(!malformed.errors.contains("hunter2"))
        #expect(try await run(program, ["up", "--directory", "/nowhere", "--database-url", "postgresql:///x"]).code == 2)
    }

    @Test func newFileIsAMigration() async throws {
        try await Workspace.with { workspace in
            let made = try await workspace.command("new", "add_things")
            #expect(made.code == 0)
            #expect(made.output.contains("_add_things.sql"))
            #expect(try await workspace.command("up").code == 0)
            #expect(try await workspace.command("new", "Bad Name").code == 4)
        }
    }
}
