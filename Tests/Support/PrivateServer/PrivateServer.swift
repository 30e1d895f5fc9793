import Foundation
package import Postgres

/// A PostgreSQL of a suite's own, for what would disturb others or needs settings of its own: restarts, crashes, a server that stops answering.
///
/// Its cluster lies in a folder under `/tmp` and listens on a Unix socket there (over TCP only if asked); both go with the suite.
package actor PrivateServer {
    /// Where the socket is.
    package nonisolated let directory: String
    /// Names the socket; also the TCP port.
    package nonisolated let port: Int
    private let settings: [String]
    private var daemon: Daemon?

    /// - Parameter settings: `name=value` of `postgresql.conf`.
    package init(settings: [String] = []) async throws {
        directory = "/tmp/tessera-driver-" + UUID().uuidString.prefix(8).lowercased()
        port = Int.random(in: 20_000..<50_000)
        self.settings = settings
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        if geteuid() == 0 { try await Command.run(["chown", "postgres", directory]) }
        try await Command.run(
            Command.asDatabaseUser([
                Checkout.postgres("initdb"), "-D", directory + "/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync",
            ]))
    }

    /// Starts one for as long as `body` takes.
    package static func with<Value: Sendable>(settings: [String] = [], _ body: (PrivateServer) async throws -> Value) async throws -> Value {
        let server = try await PrivateServer(settings: settings)
        let outcome: Result<Value, any Error>
        do {
            try await server.start()
            outcome = .success(try await body(server))
        } catch {
            outcome = .failure(error)
        }
        try await server.remove()
        return try outcome.get()
    }

    package nonisolated var configuration: ConnectionConfiguration {
        ConnectionConfiguration(url: "postgresql:///postgres?host=\(directory)&port=\(port)&user=postgres")
    }

    /// Returns when connections are taken.
    package func start() async throws {
        let arguments = ["listen_addresses=", "unix_socket_directories=\(directory)", "port=\(port)", "fsync=off"] + settings
        daemon = try await Daemon.start(
            [Checkout.postgres("postgres"), "-D", directory + "/data"] + arguments.flatMap { ["-c", $0] }, stoppedBy: "INT", in: directory)
        try await answers()
    }

    private nonisolated func answers() async throws {
        try await eventually("the private server answers", within: .seconds(30)) {
            guard let connection = try? await PostgresConnection.connect(configuration, logger: .silent) else { return false }
            await connection.close()
            return true
        }
    }

    /// Ends every session and exits (`pg_ctl stop -m fast`).
    package func stop() async throws {
        try await daemon?.stop()
        daemon = nil
    }

    /// Dies on the spot, as from a crash (`pg_ctl stop -m immediate`).
    package func crash() async throws {
        try signal(SIGQUIT)
        try await stop()
    }

    /// Stops the postmaster and every backend in their tracks, sockets open: a machine that has hung.
    package func freeze() throws { try signalAll(SIGSTOP) }

    package func thaw() throws { try signalAll(SIGCONT) }

    package func remove() async throws {
        if daemon != nil {
            try? thaw()
            try await stop()
        }
        try FileManager.default.removeItem(atPath: directory)
    }

    private var postmaster: pid_t {
        get throws {
            let lines = try String(contentsOfFile: directory + "/data/postmaster.pid", encoding: .utf8).split(separator: "\n")
            guard let pid = lines.first.flatMap({ pid_t($0) }) else { throw Missing(what: "a postmaster in \(directory)") }
            return pid
        }
    }

    private func signal(_ signal: Int32) throws { kill(try postmaster, signal) }

    private func signalAll(_ signal: Int32) throws {
        let postmaster = try postmaster
        kill(postmaster, signal)
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            // `/proc/<pid>/stat`: pid (name) state parent …
            guard let pid = pid_t(name), let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let fields = stat.split(separator: ")").last?.split(separator: " "), fields.count > 1, pid_t(fields[1]) == postmaster
            else { continue }
            kill(pid, signal)
        }
    }
}
