import ArgumentParser
import Foundation
import Migrations

struct BootstrapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bootstrap", abstract: "Make the roles, the database and its schemas; run it again to repair them.")

    @Option(help: "libpq URL as a superuser; else TESSERA_DATABASE_BOOTSTRAP_URL.")
    var databaseUrl: String?

    @Option(help: "Name of the product's database.")
    var database = "tessera"

    func run() async throws {
        let url = try Options.url(databaseUrl, variable: "TESSERA_DATABASE_BOOTSTRAP_URL", option: "--database-url")
        let secret = ProcessInfo.processInfo.environment["TESSERA_DATABASE_ROLE_SECRET"]
        try await Bootstrap(url: url, database: database, secret: secret, logger: Options.logger).run()
        print("The roles, the database \(database) and its schemas are there. Next: tessera-migrate up")
    }
}

struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Apply what is pending.")

    @OptionGroup var options: Options

    @Option(help: "Stop after this version.")
    var to: Int64?

    func run() async throws {
        let applied = try await options.runner().up(to: to)
        Report(command: "up", applied: applied.map(\.entry))
            .print(asJSON: options.json, applied.isEmpty ? "Nothing to apply: the schema is up to date." : "Applied \(applied.count).")
    }
}

struct Down: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Take back the newest migrations.")

    @OptionGroup var options: Options

    @Option(help: "How many.")
    var steps = 1

    @Flag(help: "All of them.")
    var all = false

    func run() async throws {
        let takenBack = try await options.runner().down(steps: all ? .max : steps)
        Report(command: "down", takenBack: takenBack.map(\.entry)).print(asJSON: options.json, "Took back \(takenBack.count).")
    }
}

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Tell what is applied and what is pending. Writes nothing.")

    @OptionGroup var options: Options

    @Flag(help: "Exit with 3 if anything is pending.")
    var check = false

    func run() async throws {
        let plan = try await options.runner().plan()
        let words =
            plan.applied.map { "applied  \($0.label)  \($0.appliedAt.formatted(.iso8601))" } + plan.pending.map { "pending  \($0.label)" }
            + plan.conflicts
        Report(
            command: "status", applied: plan.applied.map { .init(version: String($0.version), name: $0.name) },
            pending: plan.pending.map(\.entry), conflicts: plan.conflicts
        ).print(asJSON: options.json, words.joined(separator: "\n"))
        try plan.requireNoConflicts()
        if check, !plan.pending.isEmpty {
            throw MigrationFailure(.pending, "\(plan.pending.count) migrations are pending: run tessera-migrate up.")
        }
    }
}

struct Validate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Check the files, and that history agrees with them. Writes nothing.")

    @OptionGroup var options: Options

    func run() async throws {
        let plan = try await options.runner().plan()
        try plan.requireNoConflicts()
        Report(command: "validate", pending: plan.pending.map(\.entry))
            .print(asJSON: options.json, "\(plan.applied.count) applied and \(plan.pending.count) pending migrations are in order.")
    }
}

struct New: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Write an empty migration file.")

    @Argument(help: "What it does, in a–z, 0–9 and _.")
    var name: String

    @Option(help: "Folder of the migration files.")
    var directory = "Migrations"

    func run() throws { print(try MigrationDirectory.create(name, in: directory, at: Date())) }
}
