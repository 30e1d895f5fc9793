import Foundation
import Postgres
import Support
import Testing

/// A PostgreSQL of a suite's own, for what would disturb others: restarts, crashes, a server that stops answering.
///
/// Its cluster lies in a folder under `/tmp` and listens on a Unix socket there (over TCP only if asked); both go with the suite.
actor PrivateServer {
    /// The server of the suite that runs; see ``Trait/privateServer``.
    @TaskLocal static var current: PrivateServer?

    /// Where the socket is.
    nonisolated let directory: String
    /// Names the socket; also the TCP port.
    nonisolated let port: Int
    private let settings: [String]
    private var daemon: Daemon?

    /// - Parameter settings: `name=value` of `postgresql.conf`.
    init(settings: [String] = []) async throws {
        directory = "/tmp/tessera-driver-" + UUID().uuidString.prefix(8).lowercased()
        port = Int.random(in: 20_000..<50_000)
        self.settings = settings
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        if geteuid() == 0 { try await Command.run(["chown", "postgres", directory]) }
        try await Command.run(
            Command.asDatabaseUser([Self.program("initdb"), "-D", directory + "/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"]))
    }

    static func required() throws -> PrivateServer { try #require(current, "the suite lacks the trait .privateServer") }

    nonisolated var configuration: ConnectionConfiguration {
        ConnectionConfiguration(url: "host=\(directory) port=\(port) user=postgres dbname=postgres")
    }

    /// Returns when connections are taken.
    func start() async throws {
        let arguments = ["listen_addresses=", "unix_socket_directories=\(directory)", "port=\(port)", "fsync=off"] + settings
        daemon = try await Daemon.start(
            [Self.program("postgres"), "-D", directory + "/data"] + arguments.flatMap { ["-c", $0] }, stoppedBy: "INT", in: directory)
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
    func stop() async throws {
        try await daemon?.stop()
        daemon = nil
    }

    /// Dies on the spot, as from a crash (`pg_ctl stop -m immediate`).
    func crash() async throws {
        try signal(SIGQUIT)
        try await stop()
    }

    /// Stops the postmaster and every backend in their tracks, sockets open: a machine that has hung.
    func freeze() throws { try signalAll(SIGSTOP) }

    func thaw() throws { try signalAll(SIGCONT) }

    func remove() async throws {
        if daemon != nil {
            try? thaw()
            try await stop()
        }
        try FileManager.default.removeItem(atPath: directory)
    }

    private var postmaster: pid_t {
        get throws {
            let lines = try String(contentsOfFile: directory + "/data/postmaster.pid", encoding: .utf8).split(separator: "\n")
            return try #require(lines.first.flatMap { pid_t($0) })
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

    private static func program(_ name: String) -> String {
        (ProcessInfo.processInfo.environment["TESSERA_TEST_PG_BIN"] ?? "/usr/lib/postgresql/15/bin") + "/" + name
    }
}

struct PrivateServerTrait: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void) async throws {
        let server = try await PrivateServer()
        let outcome: Result<Void, any Error>
        do {
            try await server.start()
            outcome = .success(try await PrivateServer.$current.withValue(server) { try await function() })
        } catch {
            outcome = .failure(error)
        }
        try await server.remove()
        try outcome.get()
    }
}

extension Trait where Self == PrivateServerTrait {
    /// Gives the suite ``PrivateServer/current``, started.
    static var privateServer: Self { PrivateServerTrait() }
}
