import Domain
import Postgres

/// What has had its time, deleted by the owner's functions, which alone decide what that is.
package struct ExpiredRowsTable: ExpiredRows {
    private let database: JobsDatabase

    package init(_ database: JobsDatabase) { self.database = database }

    package func sweep(_ most: Int) async throws -> [String: Int] {
        let rows = try await database.query(
            """
            SELECT kind, swept FROM tessera.sweep(\(Int32(most)))
            UNION ALL SELECT 'idempotency_keys', tessera.idempotency_forget(\(Int32(most)))
            """
        ).decode(String.self, Int.self)
        return Dictionary(rows) { $1 }
    }
}
