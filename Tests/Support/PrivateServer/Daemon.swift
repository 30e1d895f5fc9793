import Foundation

/// A program in the background that gets `signal` when its handle is stopped, and also when this process dies: it hangs on a leash.
package struct Daemon {
    private let leash: Leash
    /// There while the program runs.
    private let mark: String

    /// - Parameter directory: where the mark goes; the database user must be able to write there.
    package static func start(_ arguments: [String], stoppedBy signal: String, in directory: String) async throws -> Daemon {
        let daemon = Daemon(leash: try Leash(), mark: directory + "/" + UUID().uuidString)
        // Released from the shell that starts it: bash leaves the leash to a job in the background, other shells give it /dev/null.
        let release = #"touch "$1"; ( shift; exec "$@" ) <&0 &"#
        let hold = #"mark=$1; signal=$2; shift 2; "$@" & daemon=$!; read -r _; kill -"$signal" "$daemon"; wait "$daemon"; rm "$mark""#
        try await Command.run(
            ["/bin/bash", "-c", release, "bash", daemon.mark]
                + Command.asDatabaseUser(["/bin/sh", "-c", hold, "sh", daemon.mark, signal] + arguments), input: daemon.leash.far)
        return daemon
    }

    /// Returns when the program is gone.
    package func stop() async throws {
        try leash.near.close()
        try await eventually("the daemon is gone", within: .seconds(30)) { !FileManager.default.fileExists(atPath: mark) }
    }
}

/// Two ends of a connection. Neither is handed down to programs that are started beside: one that kept the near end would keep the
/// daemon of the far one.
private struct Leash {
    let near: FileHandle
    let far: FileHandle

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Missing(what: "a pair of sockets")
        }
        near = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        far = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    }
}
