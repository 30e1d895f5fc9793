import Foundation
import Logging
import Postgres
import Support

@testable import Migrations

/// A folder of migrations and a bootstrapped database of a test's own.
struct Workspace: Sendable {
    let database: TestDatabase
    let directory: String

    static func with<Value>(_ body: (Workspace) async throws -> Value) async throws -> Value {
        let database = try await TestDatabase.empty()
        let directory = FileManager.default.temporaryDirectory.appending(path: "tessera-migrations-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let result: Result<Value, any Error>
        do {
            try await Bootstrap(url: try TestServer.url(), database: database.name, secret: nil, logger: .silent).run()
            result = .success(try await body(Workspace(database: database, directory: directory)))
        } catch {
            result = .failure(error)
        }
        try FileManager.default.removeItem(atPath: directory)
        try await database.drop()
        return try result.get()
    }

    func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: URL(filePath: directory + "/" + name)) }

    /// A runner over the folder, or over `files`.
    func runner(_ files: [Migration]? = nil) throws -> MigrationRunner {
        MigrationRunner(try files ?? MigrationDirectory.load(directory), url: database.url(role: "tessera_migrator"), logger: .silent)
    }

    /// The executable, run to its end.
    func command(_ arguments: String...) async throws -> Finished {
        try await run(try Checkout.executable("tessera-migrate"), arguments + options(arguments), environment: environment)
    }

    func start(_ arguments: String...) throws -> ChildProcess {
        try ChildProcess(try Checkout.executable("tessera-migrate"), arguments + options(arguments), environment: environment)
    }

    private func options(_ arguments: [String]) -> [String] { ["--directory", directory] }

    private var environment: [String: String] { ["TESSERA_DATABASE_MIGRATOR_URL": database.url(role: "tessera_migrator")] }

    /// What pg_dump makes of the schema, without what differs from dump to dump.
    func dump() async throws -> String {
        let finished = try await run(Checkout.postgres("pg_dump"), ["-s", database.url(role: "postgres")])
        guard finished.code == 0 else { throw Missing(what: finished.errors) }
        // Policies of one name come in the order in which their rows lie about, which says nothing of the schema.
        let text = finished.output.split(separator: "\n").filter { !$0.contains("restrict") }.joined(separator: "\n")
        return text.split(separator: "\n--\n-- Name: ").sorted().joined(separator: "\n\n")
    }

    func query(_ sql: SQL) async throws -> Rows {
        let connection = try await database.connect()
        let rows = try await connection.query(sql)
        await connection.close()
        return rows
    }
}
