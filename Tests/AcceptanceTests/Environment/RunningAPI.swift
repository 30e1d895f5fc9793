import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Support

/// A `tessera-api` process of a test's own, over a database of its own.
struct RunningAPI: Sendable {
    let database: TestDatabase
    let process: ChildProcess
    let port: Int
    let operationsPort: Int
    /// Knows what secrets this process gave out.
    let canary: Canary
    /// The folder it was started in, its home and where its temporary files go.
    let home: String

    /// Starts one, runs `body` and ends it; the database goes with it. Limits are off unless `environment` sets them.
    static func with<Value>(_ environment: [String: String] = [:], _ body: (RunningAPI) async throws -> Value) async throws -> Value {
        try await TestDatabase.with { database in try await with(over: database, environment, body) }
    }

    /// The same over a database that is there.
    static func with<Value>(
        over database: TestDatabase, _ environment: [String: String] = [:], _ body: (RunningAPI) async throws -> Value
    ) async throws -> Value {
        defer { try? FileManager.default.removeItem(atPath: mailbox(of: database)) }
        let api = try await start(over: database, environment)
        do {
            let value = try await body(api)
            try await api.stop()
            return value
        } catch {
            api.process.signal(SIGKILL)
            try? FileManager.default.removeItem(atPath: api.home)
            throw error
        }
    }

    static func start(over database: TestDatabase, _ environment: [String: String] = [:]) async throws -> RunningAPI {
        var variables = Self.environment(for: database)
        for name in ["ADDRESS", "REGISTER", "LOGIN", "LOGIN_ADDRESS", "REFRESH", "RESET", "REPORT", "TOKEN", "USER", "TENANT"] {
            variables["TESSERA_LIMITS_\(name)"] = "off"
        }
        let home = FileManager.default.temporaryDirectory.appending(path: "tessera-home-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: false)
        (variables["HOME"], variables["TMPDIR"]) = (home, home)
        let process = try ChildProcess(
            try Checkout.executable("tessera-api"), environment: variables.merging(environment) { _, new in new }, directory: home)
        do {
            try await eventually("tessera-api listens", within: .seconds(30)) {
                guard process.isRunning else { throw Missing(what: "tessera-api ended: \(process.standardError)") }
                return listening("api", in: process) != nil && listening("operations", in: process) != nil
            }
        } catch {
            process.signal(SIGKILL)
            try? FileManager.default.removeItem(atPath: home)
            throw error
        }
        return RunningAPI(
            database: database, process: process, port: listening("api", in: process) ?? 0,
            operationsPort: listening("operations", in: process) ?? 0, canary: Canary(), home: home)
    }

    /// The folder that mails of processes over `database` go to.
    static func mailbox(of database: TestDatabase) -> String {
        FileManager.default.temporaryDirectory.appending(path: "tessera-mailbox-\(database.name)").path
    }

    /// What every process needs: the database, a key, any free ports.
    static func environment(for database: TestDatabase) -> [String: String] {
        [
            "TESSERA_DATABASE_URL": database.url(), "TESSERA_AUTH_KEY_ENCRYPTION_KEY": String(repeating: "0f", count: 32),
            "TESSERA_AUTH_HASHING_THREADS": "2", "TESSERA_HTTP_PORT": "0", "TESSERA_OPERATIONS_PORT": "0",
            "TESSERA_MAIL_DIRECTORY": mailbox(of: database),
        ]
    }

    /// Tells it to stop, and waits until it has. Throws ``Leaked`` if a secret it gave out is where it must not be.
    func stop() async throws {
        process.signal(SIGTERM)
        let code = try await process.exitCode()
        guard code == 0 else { throw Missing(what: "a clean end of tessera-api, not \(code): \(process.standardError)") }
        defer { try? FileManager.default.removeItem(atPath: home) }
        try await canary.look(at: process, mails: mails, database: database, home: home)
    }

    var url: String { "http://127.0.0.1:\(port)" }

    /// The metrics as Prometheus reads them.
    func metrics() async throws -> String {
        let response = try await HTTPClient.shared.get(url: "http://127.0.0.1:\(operationsPort)/metrics").get()
        return response.body.map { String(buffer: $0) } ?? ""
    }

    /// The sum of a metric over all its labels.
    func metric(_ name: String) async throws -> Double {
        try await metrics().split(separator: "\n").filter { $0.hasPrefix(name + " ") || $0.hasPrefix(name + "{") }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    }

    /// The port in the line that says so.
    private static func listening(_ server: String, in process: ChildProcess) -> Int? {
        for line in process.standardOutput.split(separator: "\n") where line.contains("\"listening\"") && line.contains("\"server\":\"\(server)\"") {
            return JSON(Data(line.utf8)).port.string.flatMap { Int($0) }
        }
        return nil
    }
}
