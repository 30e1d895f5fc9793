import Foundation
import Logging
import Postgres
import Support
import Testing

/// A database of a suite's own on the server that `scripts/test` started: made before its first test, dropped after its last.
struct SuiteDatabase: Sendable {
    /// The database of the suite that runs; see ``Trait/ownDatabase``.
    @TaskLocal static var current: SuiteDatabase?

    let configuration: ConnectionConfiguration

    /// The database of the suite that calls.
    static func required() throws -> SuiteDatabase {
        try #require(current, "the suite lacks the trait .ownDatabase")
    }

    func connect() async throws -> PostgresConnection { try await .connect(configuration, logger: .silent) }

    /// A pool whose numbers a test chooses.
    func pool(shared: Int = 1, leased: Int = 2) -> PostgresPool.Configuration {
        var pool = PostgresPool.Configuration(connection: configuration, sharedConnections: shared, leasedConnections: leased)
        // Patience for a busy machine; who tests impatience sets its own.
        pool.acquireTimeout = .seconds(30)
        return pool
    }
}

struct DatabaseTrait: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void) async throws {
        let name = "driver_" + UUID().uuidString.lowercased().replacing("-", with: "")
        let maintenance = try await PostgresConnection.connect(TestServer.configuration(), logger: .silent)
        _ = try await maintenance.query("CREATE DATABASE \(identifier: name)")
        var configuration = try TestServer.configuration()
        configuration.database = name
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await SuiteDatabase.$current.withValue(SuiteDatabase(configuration: configuration)) { try await function() })
        } catch {
            outcome = .failure(error)
        }
        _ = try await maintenance.query("DROP DATABASE \(identifier: name) WITH (FORCE)")
        await maintenance.close()
        try outcome.get()
    }
}

extension Trait where Self == DatabaseTrait {
    /// Gives the suite ``SuiteDatabase/current``.
    static var ownDatabase: Self { DatabaseTrait() }
}
