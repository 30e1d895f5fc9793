import ArgumentParser
import Foundation
import Logging
import Migrations

/// What all commands that read the database take.
struct Options: ParsableArguments {
    @Option(help: "libpq URL as tessera_migrator, straight to the server; else TESSERA_DATABASE_MIGRATOR_URL.")
    var databaseUrl: String?

    @Option(help: "Folder of the migration files.")
    var directory = "Migrations"

    @Option(help: "Seconds to wait for another runner.")
    var lockWait = 300

    @Flag(help: "Print one JSON object on standard output.")
    var json = false

    func migrations() throws -> [Migration] { try MigrationDirectory.load(directory) }

    func runner() throws -> MigrationRunner {
        MigrationRunner(
            try migrations(), url: try Self.url(databaseUrl, variable: "TESSERA_DATABASE_MIGRATOR_URL", option: "--database-url"),
            patience: .seconds(lockWait), logger: Self.logger
        ) { line in
            FileHandle.standardError.write(Data((line + "\n").utf8))
        }
    }

    /// The URL of the option, or else of the variable.
    static func url(_ given: String?, variable: String, option: String) throws -> String {
        guard let url = given ?? ProcessInfo.processInfo.environment[variable], !url.isEmpty else {
            throw MigrationFailure(.usage, "No database is named: set \(variable) or give \(option).")
        }
        return url
    }

    static let logger = Logger(label: "tessera-migrate") { _ in SwiftLogNoOpLogHandler() }
}

/// The answer of a command, in words or as JSON.
struct Report: Encodable {
    var command: String
    var applied: [Entry] = []
    var pending: [Entry] = []
    var takenBack: [Entry] = []
    var conflicts: [String] = []

    struct Entry: Encodable {
        let version: String
        let name: String
    }

    func print(asJSON: Bool, _ words: String) {
        guard asJSON else { return Swift.print(words) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if let data = try? encoder.encode(self) { Swift.print(String(decoding: data, as: UTF8.self)) }
    }
}

extension Migration {
    var entry: Report.Entry { Report.Entry(version: String(version), name: name) }
}
