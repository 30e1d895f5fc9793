import Foundation

/// Programs of the machine.
enum Command {
    /// `arguments`, as the user `postgres` when this is root: PostgreSQL and pgbouncer refuse to run as root.
    static func asDatabaseUser(_ arguments: [String]) -> [String] {
        geteuid() == 0 ? ["/usr/sbin/runuser", "-u", "postgres", "--"] + arguments : arguments
    }

    /// Runs to its end without blocking a thread of the cooperative pool. Throws ``Failed`` unless it exits with 0.
    static func run(_ arguments: [String], input: Pipe? = nil) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardInput = input ?? FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        if status != 0 { throw Failed(command: arguments, status: status) }
    }

    struct Failed: Error {
        let command: [String]
        let status: Int32
    }
}
