import Foundation
import Synchronization

/// A program that runs beside the test, with what it wrote.
package final class ChildProcess: Sendable {
    private let process: Mutex<Process>
    private let output: OutputFile
    private let errors: OutputFile
    package let identifier: Int32

    /// Starts `path`; `environment` is all that it gets beside PATH and HOME.
    package init(_ path: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
        (output, errors) = (try OutputFile(), try OutputFile())
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        let inherited = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME", "LD_LIBRARY_PATH"].contains($0.key) }
        process.environment = inherited.merging(environment) { _, new in new }
        process.standardOutput = output.handle
        process.standardError = errors.handle
        process.standardInput = FileHandle.nullDevice
        self.process = Mutex(process)
        try process.run()
        identifier = process.processIdentifier
    }

    package var standardOutput: String { String(decoding: output.contents, as: UTF8.self) }
    package var standardError: String { String(decoding: errors.contents, as: UTF8.self) }

    package var isRunning: Bool { process.withLock(\.isRunning) }

    package func signal(_ signal: Int32) { kill(identifier, signal) }

    /// Waits for the end and answers the exit code; negative is the signal that ended it.
    package func exitCode(within limit: Duration = .seconds(30)) async throws -> Int32 {
        try await eventually("process \(identifier) ends", within: limit) { !self.isRunning }
        return process.withLock { $0.terminationReason == .exit ? $0.terminationStatus : -$0.terminationStatus }
    }
}

/// What a program writes. A file and no pipe: another program that starts at the same moment would inherit the pipe's end, and
/// the output would end only with that one.
private final class OutputFile: Sendable {
    let handle: FileHandle
    private let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "tessera-output-\(UUID().uuidString)").path
        guard FileManager.default.createFile(atPath: path, contents: nil), let handle = FileHandle(forWritingAtPath: path) else {
            throw Missing(what: "a file at \(path)")
        }
        self.handle = handle
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var contents: Data { FileManager.default.contents(atPath: path) ?? Data() }
}

/// What a finished program left.
package struct Finished: Sendable {
    package let code: Int32
    package let output: String
    package let errors: String
}

/// Runs a program to its end.
package func run(_ path: String, _ arguments: [String] = [], environment: [String: String] = [:], within limit: Duration = .seconds(60)) async throws
    -> Finished
{
    let child = try ChildProcess(path, arguments, environment: environment)
    let code = try await child.exitCode(within: limit)
    return Finished(code: code, output: child.standardOutput, errors: child.standardError)
}
