import Foundation
import Support

/// A program in the background that gets `signal` when its handle is stopped, and also when this process dies: it hangs on a pipe.
struct Daemon {
    private let leash: Pipe
    /// There while the program runs.
    private let mark: String

    /// - Parameter directory: where the mark goes; the database user must be able to write there.
    static func start(_ arguments: [String], stoppedBy signal: String, in directory: String) async throws -> Daemon {
        let daemon = Daemon(leash: Pipe(), mark: directory + "/" + UUID().uuidString)
        // Released from the shell that starts it, and without the descriptors that `Process` hands down: `Process` takes a
        // program for running as long as anybody holds one of its own.
        let release = """
            touch "$1"
            ( for fd in /proc/self/fd/*; do fd=${fd##*/}; if [ "$fd" -gt 2 ]; then eval "exec $fd>&-"; fi; done; shift; exec "$@" ) <&0 &
            """
        let hold = #"mark=$1; signal=$2; shift 2; "$@" & daemon=$!; read -r _; kill -"$signal" "$daemon"; wait "$daemon"; rm "$mark""#
        try await Command.run(
            ["/bin/bash", "-c", release, "bash", daemon.mark]
                + Command.asDatabaseUser(["/bin/sh", "-c", hold, "sh", daemon.mark, signal] + arguments), input: daemon.leash)
        return daemon
    }

    /// Returns when the program is gone.
    func stop() async throws {
        try leash.fileHandleForWriting.close()
        try await eventually("the daemon is gone", within: .seconds(30)) { !FileManager.default.fileExists(atPath: mark) }
    }
}
