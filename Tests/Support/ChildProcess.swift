import Foundation
import Synchronization

/// A program that runs beside the test, with what it wrote.
package final class ChildProcess: Sendable {
    private let process: Mutex<Process>
    private let output = Captured()
    private let errors = Captured()
    package let identifier: Int32

    /// Starts `path`; `environment` is all that it gets beside PATH and HOME.
    package init(_ path: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        let inherited = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME", "LD_LIBRARY_PATH"].contains($0.key) }
        process.environment = inherited.merging(environment) { _, new in new }
        let (out, error) = (Pipe(), Pipe())
        process.standardOutput = out
        process.standardError = error
        process.standardInput = FileHandle.nullDevice
        self.process = Mutex(process)
        try process.run()
        identifier = process.processIdentifier
        out.fileHandleForReading.readabilityHandler = { [weak self] in Self.read($0, to: self?.output) }
        error.fileHandleForReading.readabilityHandler = { [weak self] in Self.read($0, to: self?.errors) }
    }

    package var standardOutput: String { String(decoding: output.data, as: UTF8.self) }
    package var standardError: String { String(decoding: errors.data, as: UTF8.self) }

    package var isRunning: Bool { process.withLock(\.isRunning) }

    package func signal(_ signal: Int32) { kill(identifier, signal) }

    /// Waits for the end and answers the exit code; negative is the signal that ended it.
    package func exitCode(within limit: Duration = .seconds(30)) async throws -> Int32 {
        try await eventually("process \(identifier) ends", within: limit) { !self.isRunning }
        return process.withLock { $0.terminationReason == .exit ? $0.terminationStatus : -$0.terminationStatus }
    }

    /// Waits until nothing more can come of what it wrote.
    package func outputEnd() async throws {
        try await eventually("the output of process \(identifier) ends") { self.output.isComplete && self.errors.isComplete }
    }

    private static func read(_ handle: FileHandle, to captured: Captured?) {
        let data = handle.availableData
        captured?.append(data)
        if data.isEmpty || captured == nil { handle.readabilityHandler = nil }
    }
}

/// What a program wrote so far.
private final class Captured: Sendable {
    private let state = Mutex((data: Data(), isComplete: false))

    var data: Data { state.withLock(\.data) }
    var isComplete: Bool { state.withLock(\.isComplete) }

    /// Nothing is the end.
    func append(_ data: Data) {
        state.withLock { state in
            state.data.append(data)
            if data.isEmpty { state.isComplete = true }
        }
    }
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
    try await child.outputEnd()
    return Finished(code: code, output: child.standardOutput, errors: child.standardError)
}
