package import Domain
import Postgres

/// What strangers found, for `leak_reports_take`.
package struct LeakReportTable: LeakReportStore {
    private let database: AuthDatabase

    package init(_ database: AuthDatabase) { self.database = database }

    package func store(_ reports: [LeakReport]) async throws {
        _ = try await database.query(
            """
            INSERT INTO tessera.leak_reports (tenant_id, hash, token_id, reported_at)
            SELECT tenant_id, hash, token_id, now() FROM unnest(
                \(reports.map(\.tenant.uuid)), \(reports.map { Bytea($0.hash.bytes) }), \(reports.map(\.token?.uuid))
            ) AS r (tenant_id, hash, token_id)
            ON CONFLICT DO NOTHING
            """)
    }
}
