package import Domain
import FoundationEssentials
import Postgres

/// The tenant's own row, changed by its owners.
package struct TenantTable: TenantStore {
    private let database: TenantDatabase

    package init(_ database: TenantDatabase) { self.database = database }

    package func change(
        _ tenant: TenantID, _ change: TenantChange, by actor: Standing, if precondition: Precondition, _ audit: AuditEntry
    ) async throws -> Tenant? {
        // By primary key, both. A name that is the same already is no change, and has no entry.
        let rows = try await actor.unit(
            database, tenant,
            [
                """
                WITH changed AS (
                    UPDATE tessera.tenants SET name = \(change.name), updated_at = \(audit.occurredAt), version = version + 1
                    WHERE id = \(tenant.uuid) AND status <> 'deleted' AND name <> \(change.name) AND \(precondition.holds)
                      AND \(actor.holds(in: tenant)) RETURNING id
                )
                SELECT \(audit.call) FROM changed
                """,
                PeopleTable.selection(of: tenant),
            ])
        guard let found = try rows[1].first.map({ try PeopleTable.tenant(tenant, $0) }) else { return nil }
        if rows[0].count == 0 {
            try precondition.check(found.version)
            // It had another version when it was to be changed, and has this one since.
            if let name = change.name, name != found.reference.name { throw Refusal.stale }
        }
        return found
    }

    package func delete(_ tenant: TenantID, by actor: Standing, _ audit: AuditEntry) async throws -> Bool {
        // By primary key.
        let rows = try await actor.unit(
            database, tenant,
            [
                """
                WITH changed AS (
                    UPDATE tessera.tenants SET status = 'deleted', updated_at = \(audit.occurredAt), version = version + 1
                    WHERE id = \(tenant.uuid) AND status <> 'deleted' AND \(actor.holds(in: tenant)) RETURNING id
                )
                SELECT \(audit.call) FROM changed
                """
            ])
        return rows[0].count == 1
    }
}
