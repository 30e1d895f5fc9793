package import Logging
import Postgres

/// Applies and takes back migrations over one connection.
package struct MigrationRunner: Sendable {
    private let migrations: [Migration]
    private let configuration: ConnectionConfiguration
    private let patience: Duration
    private let report: @Sendable (String) -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - url: straight to the server, as a member of `tessera_owner`.
    ///   - patience: how long to wait for another runner.
    ///   - report: told each step, for people.
    package init(
        _ migrations: [Migration], url: String, patience: Duration = .seconds(300), logger: Logger,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.migrations = migrations
        var configuration = ConnectionConfiguration(url: url)
        configuration.applicationName = "tessera-migrate"
        self.configuration = configuration
        self.patience = patience
        self.logger = logger
        self.report = report
    }

    /// How many times a file is tried whose locks aren't to be had.
    private static let attempts = 10

    /// Applies what is pending, up to and including `target`. Answers what was applied.
    package func up(to target: Int64? = nil) async throws -> [Migration] {
        if let target, !migrations.contains(where: { $0.version == target }) {
            throw MigrationFailure(.usage, "There is no migration with the version \(target).")
        }
        return try await locked { connection, plan in
            let due = plan.pending.filter { $0.version <= target ?? .max }
            for migration in due { try await apply(migration, connection) }
            return due
        }
    }

    /// Takes back the newest `steps` migrations. Answers what was taken back, newest first.
    package func down(steps: Int) async throws -> [Migration] {
        try await locked { connection, plan in
            let due = plan.applied.reversed().prefix(steps).compactMap { entry in migrations.first { $0.version == entry.version } }
            if let stuck = due.first(where: { $0.down == nil }) {
                throw MigrationFailure(.failed, "\(stuck.label) has no -- +down: restore a backup instead.")
            }
            for migration in due { try await takeBack(migration, connection) }
            return due
        }
    }

    /// What is applied and what isn't. Takes no lock and writes nothing.
    package func plan() async throws -> MigrationPlan {
        try await connected { connection in
            MigrationPlan(files: migrations, history: try await History(connection: connection).entries())
        }
    }

    // MARK: Steps

    private func apply(_ migration: Migration, _ connection: PostgresConnection) async throws {
        report("\(migration.label): applying")
        let start = ContinuousClock.now
        let history = History(connection: connection)
        if migration.isTransactional {
            try await transaction(migration, migration.up, connection) {
                try await history.note(
                    migration, isComplete: true, statements: migration.up.statements.count, duration: ContinuousClock.now - start, isNew: true)
            }
        } else {
            try await StatementByStatement(connection: connection, history: history).apply(migration, since: start)
        }
        report("\(migration.label): applied in \((ContinuousClock.now - start).wholeMilliseconds) ms")
    }

    private func takeBack(_ migration: Migration, _ connection: PostgresConnection) async throws {
        guard let down = migration.down else { return }
        report("\(migration.label): taking back")
        let history = History(connection: connection)
        if migration.isTransactional {
            try await transaction(migration, down, connection) { try await history.remove(migration.version) }
        } else {
            try await StatementByStatement(connection: connection, history: history).takeBack(migration, down)
        }
    }

    /// Runs a section and `note` in one transaction: there is no state between applied and not. Where a lock can't be had in
    /// two seconds everything is rolled back and tried again, so that the queue behind it moves on.
    private func transaction(
        _ migration: Migration, _ section: MigrationSection, _ connection: PostgresConnection, _ note: () async throws -> Void
    ) async throws {
        for attempt in 1... {
            do {
                try await connection.script("BEGIN; SET LOCAL lock_timeout = '2s'; SET LOCAL ROLE tessera_owner; SET LOCAL search_path = ''")
                try await connection.script(section.text)
                try await note()
                try await connection.script("COMMIT")
                return
            } catch let error as PostgresError {
                if connection.isOpen { try? await connection.script("ROLLBACK") }
                guard error.isRetryable, attempt < Self.attempts, connection.isOpen else { throw migration.failure(error, in: section) }
                report("\(migration.label): \(error.debugDescription); trying again (\(attempt) of \(Self.attempts))")
                try await Task.sleep(for: .milliseconds(200 * attempt) * Double.random(in: 0.8...1.2))
            }
        }
    }

    // MARK: Around them

    private func locked<Value: Sendable>(
        _ body: (PostgresConnection, MigrationPlan) async throws -> Value
    ) async throws -> Value {
        try await connected { connection in
            // A killed runner's statement ends within a second instead of going on for nobody.
            try await connection.script("SET client_connection_check_interval = '1s'")
            let lock = MigrationLock(connection: connection)
            try await lock.acquire(patience: patience, onWait: report)
            let history = History(connection: connection)
            try await history.prepare()
            // Read under the lock: another runner may have been at work until now.
            let plan = MigrationPlan(files: migrations, history: try await history.entries())
            try plan.requireNoConflicts()
            let value = try await body(connection, plan)
            await lock.release()
            return value
        }
    }

    private func connected<Value: Sendable>(_ body: (PostgresConnection) async throws -> Value) async throws -> Value {
        let connection = try await DatabaseAccess.connect(configuration, logger: logger)
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw DatabaseAccess.explained(error)
        }
    }
}

extension Migration {
    /// The server's complaint with the file's line.
    func failure(_ error: PostgresError, in section: MigrationSection) -> MigrationFailure {
        let line = error.position.map { ", line \(section.line + section.text.prefix($0 - 1).count { $0 == "\n" })" } ?? ""
        return MigrationFailure(
            .failed, "\(label)\(line): \(error.message ?? error.description). Nothing of it was applied; mend the file and run again.")
    }
}
