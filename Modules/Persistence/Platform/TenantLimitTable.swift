package import Domain
import Postgres

/// Tenants' limits, as `tessera_admin` may see and change them.
package struct TenantLimitTable: TenantLimitStore {
    private let database: AdminDatabase

    package init(_ database: AdminDatabase) { self.database = database }

    package func limits(of tenant: TenantID) async throws -> VersionedTenantLimits {
        let rows = try await database.unit([PeopleTable.selection(of: tenant), Self.selection(tenant)])
        guard !rows[0].isEmpty else { throw Refusal.notFound }
        return try Self.limits(rows[1])
    }

    package func setLimits(
        _ limits: TenantLimits, of tenant: TenantID, if precondition: Precondition, by person: UserID, _ audit: AuditEntry
    ) async throws -> VersionedTenantLimits {
        let values = TenantLimitRow.values(limits)
        let rows = try await database.unit(
            in: tenant,
            [
                PeopleTable.selection(of: tenant),
                // By primary key, all of it. A tenant without a row has the version 0 of limits that are all as for everybody. The row that
                // is there stays locked, also where it isn't changed, so the last statement sees what this one decided by.
                """
                WITH changed AS (
                    INSERT INTO tessera.tenant_limits AS l (tenant_id, \(TenantLimitRow.columns), changed_by)
                    SELECT n.id, \(values), \(person.uuid) FROM tessera.tenants n
                    WHERE n.id = \(tenant.uuid) AND n.status <> 'deleted'
                      AND (\(precondition.allows(0) && limits != TenantLimits())
                           OR EXISTS (SELECT FROM tessera.tenant_limits e WHERE e.tenant_id = n.id))
                    ON CONFLICT (tenant_id) DO UPDATE SET (\(TenantLimitRow.columns), changed_by, changed_at, version)
                        = (\(values), excluded.changed_by, clock_timestamp(), l.version + 1)
                    WHERE (l.token_requests, l.token_window, l.user_requests, l.user_window, l.tenant_requests, l.tenant_window, l.shadow)
                        IS DISTINCT FROM ROW (\(values)) AND \(precondition.holds(of: "l.version"))
                    RETURNING l.tenant_id
                )
                SELECT \(audit.call) FROM changed
                """,
                Self.selection(tenant),
            ])
        guard !rows[0].isEmpty else { throw Refusal.notFound }
        let stored = try Self.limits(rows[2])
        // Whoever changed nothing was too late, or wanted what there is.
        if rows[1].isEmpty {
            try precondition.check(stored.version)
            guard stored.limits == limits else { throw Refusal.unavailable("a tenant's limits changed meanwhile") }
        }
        return stored
    }

    /// By primary key.
    private static func selection(_ tenant: TenantID) -> SQL {
        "SELECT \(TenantLimitRow.selected), version FROM tessera.tenant_limits WHERE tenant_id = \(tenant.uuid)"
    }

    private static func limits(_ rows: Rows) throws -> VersionedTenantLimits {
        let found = try rows.decode([Int32?].self, [String].self, Int.self).first.map { numbers, shadow, version in
            VersionedTenantLimits(TenantLimitRow.limits(numbers, shadow), version: version)
        }
        return found ?? VersionedTenantLimits(TenantLimits(), version: 0)
    }
}
