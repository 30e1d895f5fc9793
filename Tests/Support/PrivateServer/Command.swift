package import Foundation

/// Programs of the machine.
package enum Command {
    /// `arguments`, as the user `postgres` when this is root: PostgreSQL and pgbouncer refuse to run as root.
    package static func asDatabaseUser(_ arguments: [String]) -> [String] {
        geteuid() == 0 ? ["/usr/sbin/runuser", "-u", "postgres", "--"] + arguments : arguments
    }

    /// Runs to its end, in the folder `/`. Throws ``Failed`` unless it exits with 0.
    package static func run(_ arguments: [String], input: FileHandle? = nil) async throws {
        let done = try await Support.run("/usr/bin/env", ["--chdir=/"] + arguments, input: input)
        if done.code != 0 { throw Failed(command: arguments, status: done.code, errors: done.errors) }
    }

    package struct Failed: Error {
        package let command: [String]
        package let status: Int32
        package let errors: String
    }
}
