package import Foundation
import Synchronization

/// A program that runs beside the test, with what it wrote. It is started by `posix_spawn`, not by Foundation's `Process`: that one
/// keeps descriptors of every program it ever ran, and fails once they are many.
package final class ChildProcess: Sendable {
    private let output: OutputFile
    private let errors: OutputFile
    /// How it ended, once somebody asked.
    private let end = Mutex<Int32?>(nil)
    package let identifier: Int32

    /// Starts `path`; `environment` is all that it gets beside PATH, HOME and LD_LIBRARY_PATH. Its standard input is `input`, or empty.
    /// Without a `directory` it is in that of the tests.
    package init(
        _ path: String, _ arguments: [String] = [], environment: [String: String] = [:], directory: String? = nil, input: FileHandle? = nil
    ) throws {
        (output, errors) = (try OutputFile(), try OutputFile())
        Self.forgotten.withLock { $0.removeAll { waitpid($0, nil, WNOHANG) == $0 } }
        let command = (directory.map { ["/usr/bin/env", "--chdir=\($0)"] } ?? []) + [path] + arguments
        let inherited = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME", "LD_LIBRARY_PATH"].contains($0.key) }
        let variables = inherited.merging(environment) { _, new in new }
        identifier = try spawn(
            command, environment: variables.map { "\($0)=\($1)" },
            standard: [input?.fileDescriptor, output.handle.fileDescriptor, errors.handle.fileDescriptor])
    }

    deinit { if exitCode == nil { Self.forgotten.withLock { $0.append(identifier) } } }

    /// Those that nobody waits for any more: whoever starts the next one does.
    private static let forgotten = Mutex<[Int32]>([])

    package var standardOutput: String { String(decoding: output.contents, as: UTF8.self) }
    package var standardError: String { String(decoding: errors.contents, as: UTF8.self) }

    package var isRunning: Bool { exitCode == nil }

    package func signal(_ signal: Int32) {
        // Under the lock: once it was waited for, its number may be another's.
        end.withLock { if $0 == nil { kill(identifier, signal) } }
    }

    /// Waits for the end and answers the exit code; negative is the signal that ended it.
    package func exitCode(within limit: Duration = .seconds(30)) async throws -> Int32 {
        try await eventually("process \(identifier) ends", within: limit) { !self.isRunning }
        return exitCode ?? 0
    }

    private var exitCode: Int32? {
        end.withLock { end in
            var status: Int32 = 0
            if end == nil, unsafe waitpid(identifier, &status, WNOHANG) == identifier {
                let signal = status & 0x7f
                end = signal == 0 ? (status >> 8) & 0xff : -signal
            }
            return end
        }
    }
}

/// The process that now runs `command`, with the descriptors `standard` as its first ones (nil: /dev/null) and no signal blocked. The others stay here:
/// whatever opens one in this process says that it isn't handed down.
private func spawn(_ command: [String], environment: [String], standard: [Int32?]) throws -> Int32 {
    var files = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    unsafe posix_spawn_file_actions_init(&files)
    unsafe posix_spawnattr_init(&attributes)
    var words = unsafe command.map { unsafe strdup($0) } + [nil]
    var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
    defer {
        unsafe posix_spawn_file_actions_destroy(&files)
        unsafe posix_spawnattr_destroy(&attributes)
        unsafe (words + variables).forEach { unsafe free($0) }
    }
    for (place, descriptor) in standard.enumerated() {
        if let descriptor {
            unsafe posix_spawn_file_actions_adddup2(&files, descriptor, Int32(place))
        } else {
            unsafe posix_spawn_file_actions_addopen(&files, Int32(place), "/dev/null", O_RDWR, 0)
        }
    }
    var (none, all) = (sigset_t(), sigset_t())
    unsafe sigemptyset(&none)
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var identifier: pid_t = 0
    let failure = unsafe posix_spawn(&identifier, command[0], &files, &attributes, &words, &variables)
    guard failure == 0 else { throw Missing(what: "\(command): error \(failure) (errno.h)") }
    return identifier
}

/// What a program writes. A file and no pipe: nobody need read it for the program to go on.
private final class OutputFile: Sendable {
    let handle: FileHandle
    private let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "tessera-output-\(UUID().uuidString)").path
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Missing(what: "a file at \(path)") }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
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
package func run(
    _ path: String, _ arguments: [String] = [], environment: [String: String] = [:], input: FileHandle? = nil,
    within limit: Duration = .seconds(60)
) async throws -> Finished {
    let child = try ChildProcess(path, arguments, environment: environment, input: input)
    let code = try await child.exitCode(within: limit)
    return Finished(code: code, output: child.standardOutput, errors: child.standardError)
}
