import Foundation

/// A Redis of a test's own, in a folder under `/tmp`: it keeps nothing, and goes with the test.
package actor PrivateRedis {
    package nonisolated let directory: String
    /// Over TCP with TLS, where it was asked for; nil: a Unix socket in ``directory``.
    private nonisolated let port: Int?
    private let arguments: [String]
    private var daemon: Daemon?

    /// - Parameters:
    ///   - settings: `name value` of `redis.conf`.
    ///   - certificate: the files of what it shows to clients over TCP.
    private init(settings: [String], certificate: String?, key: String?) async throws {
        directory = "/tmp/tessera-redis-" + UUID().uuidString.prefix(8).lowercased()
        var arguments = [
            "--unixsocket", directory + "/socket", "--unixsocketperm", "777", "--dir", directory, "--pidfile", directory + "/pid", "--save", "",
            "--appendonly", "no", "--port", "0",
        ]
        var port: Int?
        if certificate != nil {
            let free = Int.random(in: 20_000..<32_000)
            arguments += [
                "--tls-port", "\(free)", "--bind", "127.0.0.1", "--tls-auth-clients", "no", "--tls-cert-file", directory + "/certificate.pem",
            ]
            arguments += ["--tls-key-file", directory + "/key.pem", "--tls-ca-cert-file", directory + "/certificate.pem"]
            port = free
        }
        self.port = port
        self.arguments = arguments + settings.flatMap { "--\($0)".split(separator: " ").map(String.init) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        if let certificate, let key {
            try FileManager.default.copyItem(atPath: certificate, toPath: directory + "/certificate.pem")
            try FileManager.default.copyItem(atPath: key, toPath: directory + "/key.pem")
        }
        if geteuid() == 0 { try await Command.run(["chown", "-R", "postgres", directory]) }
    }

    /// Starts one for as long as `body` takes.
    package static func with<Value: Sendable>(
        settings: [String] = [], certificate: String? = nil, key: String? = nil, _ body: (PrivateRedis) async throws -> Value
    ) async throws -> Value {
        let server = try await PrivateRedis(settings: settings, certificate: certificate, key: key)
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

    /// Over its Unix socket.
    package nonisolated var url: String { "unix://\(directory)/socket" }

    /// Over TLS; `password` is the default user's.
    package nonisolated func secureURL(password: String = "", host: String = "localhost", ca: Bool = true) -> String {
        "rediss://\(password.isEmpty ? "" : ":\(password)@")\(host):\(port ?? 0)\(ca ? "?ca=\(directory)/certificate.pem" : "")"
    }

    /// Returns when it listens.
    package func start() async throws {
        daemon = try await Daemon.start(["/usr/bin/redis-server"] + arguments, stoppedBy: "TERM", in: directory)
        try await listens()
    }

    private nonisolated func listens() async throws {
        try await eventually("the private redis listens", within: .seconds(30)) {
            FileManager.default.fileExists(atPath: directory + "/socket") && FileManager.default.fileExists(atPath: directory + "/pid")
        }
    }

    /// Ends it, with all that it knew.
    package func stop() async throws {
        try await daemon?.stop()
        daemon = nil
    }

    /// Stops it in its tracks, sockets open: a machine that has hung.
    package func freeze() throws { kill(try identifier, SIGSTOP) }

    package func thaw() throws { kill(try identifier, SIGCONT) }

    /// Runs `redis-cli`; answers what it prints.
    @discardableResult package nonisolated func command(_ words: String...) async throws -> String {
        let done = try await Support.run("/usr/bin/redis-cli", ["-s", directory + "/socket"] + words)
        guard done.code == 0 else { throw Missing(what: "redis-cli: \(done.errors)") }
        return done.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func remove() async throws {
        if daemon != nil {
            try? thaw()
            try await stop()
        }
        try FileManager.default.removeItem(atPath: directory)
    }

    private var identifier: pid_t {
        get throws {
            let text = try String(contentsOfFile: directory + "/pid", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
            guard let identifier = pid_t(text) else { throw Missing(what: "a redis in \(directory)") }
            return identifier
        }
    }
}
