import ArgumentParser
import Foundation
import Migrations

/// `tessera-migrate`: what the database is made of, and how it changes.
@main
struct TesseraMigrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tessera-migrate",
        abstract: "Prepares the database and brings its schema up to date.",
        discussion: """
            Exit codes: 0 done or nothing to do, 1 failed, 2 wrong use, 3 migrations are pending (status --check), 4 files and \
            history disagree, 5 another runner holds the lock, 7 the database can't be reached.
            """,
        subcommands: [BootstrapCommand.self, Up.self, Down.self, Status.self, Validate.self, New.self])

    /// Like the library's own, but wrong use exits with 2 and a failure with its own code.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
        } catch let failure as MigrationFailure {
            FileHandle.standardError.write(Data("tessera-migrate: \(failure.description)\n".utf8))
            Foundation.exit(failure.kind.rawValue)
        } catch {
            let code = exitCode(for: error)
            guard code == .validationFailure else { exit(withError: error) }
            FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
            Foundation.exit(MigrationFailure.Kind.usage.rawValue)
        }
    }
}
