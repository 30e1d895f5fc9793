package import Domain
package import FoundationEssentials
import Postgres

/// What was changed of tenants' limits, as `tessera_auth` may see it.
package struct TenantLimitChangeTable: TenantLimitChanges {
    private let database: AuthDatabase

    package init(_ database: AuthDatabase) { self.database = database }

    package func changes(since time: Date?) async throws -> [TenantLimitChange] {
        var condition: SQL = ""
        if let time { condition = "WHERE changed_at > \(time)::timestamptz - interval '10 seconds'" }
        // Since some time by tenant_limits_changed_at_idx: a handful. All of them at the start only.
        return try await database.query(
            "SELECT tenant_id, \(TenantLimitRow.selected), changed_at FROM tessera.tenant_limits \(condition)"
        ).decode(UUID.self, [Int32?].self, [String].self, Date.self).map { tenant, numbers, shadow, changedAt in
            TenantLimitChange(tenant: TenantID(tenant), limits: TenantLimitRow.limits(numbers, shadow), changedAt: changedAt)
        }
    }
}
