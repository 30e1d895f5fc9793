import Postgres

/// Runs a file that can't run in a transaction, noting each statement that is done, so that an interrupted file goes on where
/// it was when it is run again.
struct StatementByStatement {
    let connection: PostgresConnection
    let history: History

    func apply(_ migration: Migration, since start: ContinuousClock.Instant) async throws {
        let previous = try await history.entries().first { $0.version == migration.version }
        if previous == nil { try await history.note(migration, isComplete: false, statements: 0, duration: .zero, isNew: true) }
        if previous != nil { try await dropInvalidIndexes() }
        let statements = migration.up.statements
        for (index, statement) in statements.enumerated().dropFirst(previous?.statements ?? 0) {
            try await run(statement, of: migration, in: migration.up)
            try await history.note(
                migration, isComplete: index + 1 == statements.count, statements: index + 1, duration: ContinuousClock.now - start, isNew: false)
        }
        if statements.isEmpty {
            try await history.note(migration, isComplete: true, statements: 0, duration: .zero, isNew: false)
        }
    }

    func takeBack(_ migration: Migration, _ down: MigrationSection) async throws {
        for statement in down.statements { try await run(statement, of: migration, in: down) }
        try await history.remove(migration.version)
    }

    private func run(_ statement: MigrationSection.Statement, of migration: Migration, in section: MigrationSection) async throws {
        do {
            try await connection.script("SET ROLE tessera_owner")
            try await connection.script(statement.text)
            try await connection.script("RESET ROLE")
        } catch let error as PostgresError {
            if connection.isOpen { try? await connection.script("RESET ROLE") }
            throw MigrationFailure(
                .failed,
                "\(migration.label), line \(section.line + statement.line): \(error.message ?? error.description). What came before it is done; mend what is wrong and run again: it goes on from here."
            )
        }
    }

    /// What an interrupted CREATE INDEX CONCURRENTLY leaves behind is of no use, and in the way of the next try.
    private func dropInvalidIndexes() async throws {
        let names = try await connection.query(
            """
            SELECT format('%I.%I', n.nspname, c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND n.nspname = 'tessera' AND c.relkind = 'i'
            """
        ).decode(String.self)
        for name in names {
            try await connection.script("SET ROLE tessera_owner")
            try await connection.script("DROP INDEX CONCURRENTLY \(name)")
            try await connection.script("RESET ROLE")
        }
    }
}
