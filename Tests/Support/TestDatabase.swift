import Foundation
package import Logging
import Migrations
package import Postgres
import Synchronization

/// A database of a test's own, cloned from a template that has every migration, on the server that `scripts/test` started.
package struct TestDatabase: Sendable {
    package let name: String
    fileprivate let server: ConnectionConfiguration

    /// A clone of the migrated template.
    package static func make() async throws -> TestDatabase {
        try await create(template: try await Template.shared.name())
    }

    /// A database with nothing in it.
    package static func empty() async throws -> TestDatabase { try await create(template: "template0") }

    /// A migrated database on a server of a test's own; it goes with the server.
    package static func migrated(on server: PrivateServer) async throws -> TestDatabase {
        let database = TestDatabase(name: "tessera", server: server.configuration)
        try await database.migrate()
        return database
    }

    /// Makes a database, runs `body` and drops it again, whatever happened.
    package static func with<Value>(_ body: (TestDatabase) async throws -> Value) async throws -> Value {
        let database = try await make()
        do {
            let value = try await body(database)
            try await database.drop()
            return value
        } catch {
            try? await database.drop()
            throw error
        }
    }

    /// How `role` reaches this database; nil is the superuser.
    package func configuration(role: String? = nil) -> ConnectionConfiguration {
        var configuration = server
        configuration.database = name
        if let role { configuration.user = role }
        return configuration
    }

    /// A libpq URL for other processes; without a role in it, for `TESSERA_DATABASE_URL`.
    package func url(role: String? = nil) -> String {
        guard let base = URLComponents(string: server.url) else { return server.url }
        var components = base
        components.path = "/" + name
        var items = (components.queryItems ?? []).filter { $0.name != "user" }
        if let role { items.append(URLQueryItem(name: "user", value: role)) }
        components.queryItems = items
        return components.string ?? server.url
    }

    /// A superuser's connection to it.
    package func connect(role: String? = nil) async throws -> PostgresConnection {
        try await PostgresConnection.connect(configuration(role: role), logger: .silent)
    }

    package func drop() async throws {
        _ = try await Self.onServer { try await $0.query("DROP DATABASE IF EXISTS \(identifier: name) WITH (FORCE)") }
    }

    /// Makes the roles, this database and all that belongs into it.
    fileprivate func migrate() async throws {
        let migrations = try MigrationDirectory.load(Checkout.path("Migrations"))
        try await Bootstrap(url: server.url, database: name, secret: nil, logger: .silent).run()
        _ = try await MigrationRunner(migrations, url: url(role: "tessera_migrator"), logger: .silent).up()
    }

    private static func create(template: String) async throws -> TestDatabase {
        let name = "test_" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "")
        _ = try await onServer { try await $0.query("CREATE DATABASE \(identifier: name) TEMPLATE \(identifier: template)") }
        return TestDatabase(name: name, server: try TestServer.configuration())
    }

    fileprivate static func onServer<Value: Sendable>(_ body: (PostgresConnection) async throws -> Value) async throws -> Value {
        let connection = try await PostgresConnection.connect(TestServer.configuration(), logger: .silent)
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }
}

/// The server that the tests share.
package enum TestServer {
    /// A superuser's way to its maintenance database.
    package static func configuration() throws -> ConnectionConfiguration { ConnectionConfiguration(url: try url()) }

    package static func url() throws -> String {
        guard let url = ProcessInfo.processInfo.environment["TESSERA_TEST_DATABASE_URL"] else {
            throw Missing(what: "TESSERA_TEST_DATABASE_URL: run the tests by scripts/test")
        }
        return url
    }
}

/// Something the tests need isn't there.
package struct Missing: Error {
    package let what: String

    package init(what: String) { self.what = what }
}

extension Logger {
    /// Says nothing.
    package static let silent = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
}

/// The migrated database that all clones come from; made once a server, whoever asks first.
private actor Template {
    static let shared = Template()
    private var making: Task<String, any Error>?

    func name() async throws -> String {
        if let making { return try await making.value }
        // Every test that needs a database waits for this one.
        let task = Task { try await Self.make() }
        making = task
        return try await task.value
    }

    private static func make() async throws -> String {
        let migrations = try MigrationDirectory.load(Checkout.path("Migrations"))
        let digest = migrations.map(\.checksum).joined().hashValueStable
        let name = "tessera_template_\(digest)"
        try await TestDatabase.onServer { connection in
            // Another process may be at it: the second waits and finds it made.
            _ = try await connection.query("SELECT 1 FROM pg_advisory_lock(hashtext(\(name)))")
            let exists = try await connection.query("SELECT 1 FROM pg_database WHERE datname = \(name)").count == 1
            if exists { return }
            let staging = "\(name)_staging"
            _ = try await connection.query("DROP DATABASE IF EXISTS \(identifier: staging) WITH (FORCE)")
            try await TestDatabase(name: staging, server: try TestServer.configuration()).migrate()
            _ = try await connection.query("ALTER DATABASE \(identifier: staging) RENAME TO \(identifier: name)")
        }
        return name
    }
}

extension String {
    /// FNV-1a: the same in every process, unlike `hashValue`.
    fileprivate var hashValueStable: String {
        String(utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }, radix: 36)
    }
}
