package import Domain
import FoundationEssentials
import Postgres

/// One tenant's audit log.
package struct AuditTable: AuditStore {
    private let database: TenantDatabase

    package init(_ database: TenantDatabase) { self.database = database }

    package func events(in tenant: TenantID, _ filter: AuditFilter, _ page: PageRequest) async throws -> Page<AuditEvent> {
        try AuditSelection.page(of: try await database.query(tenant, AuditSelection.events(of: tenant, filter, page)), page)
    }
}

/// The audit logs of all tenants, as `tessera_admin` may read them.
package struct PlatformAuditTable: PlatformAuditStore {
    private let database: AdminDatabase

    package init(_ database: AdminDatabase) { self.database = database }

    package func events(of tenant: TenantID?, _ filter: AuditFilter, _ page: PageRequest) async throws -> Page<AuditEvent> {
        let rows = try await database.unit([AuditSelection.events(of: tenant, filter, page)])
        return try AuditSelection.page(of: rows[0], page)
    }
}

/// The statement that lists audit entries, and how its rows are read.
private enum AuditSelection {
    /// The newest first. A tenant's by the primary key, all tenants' by audit_log_time_idx; by an actor, an action or a target through
    /// the index of that filter (20261121001400_audit_reading.sql), which all go on in the order of the list.
    static func events(of tenant: TenantID?, _ filter: AuditFilter, _ page: PageRequest) -> SQL {
        var condition: SQL = "true"
        if let tenant { condition = "tenant_id = \(tenant.uuid)" }
        switch filter.actor {
        case .id(let id): condition = "\(condition) AND actor_id = \(id)"
        case .system: condition = "\(condition) AND actor_id IS NULL AND actor_type = 'system'"
        case .anonymous: condition = "\(condition) AND actor_id IS NULL AND actor_type = 'anonymous'"
        case nil: break
        }
        if let action = filter.action { condition = "\(condition) AND action = \(action)" }
        if let target = filter.target { condition = "\(condition) AND target_id = \(target)" }
        if let from = filter.from { condition = "\(condition) AND occurred_at >= \(from)" }
        if let to = filter.to { condition = "\(condition) AND occurred_at < \(to)" }
        if let keyset = page.keyset { condition = "\(condition) AND (occurred_at, id) < (\(keyset.time), \(keyset.id))" }
        return """
            SELECT tenant_id, id, occurred_at, actor_type, actor_id, action, target_type, target_id, ip_address, request_id, changes
            FROM tessera.audit_log WHERE \(condition) ORDER BY occurred_at DESC, id DESC LIMIT \(page.limit + 1)
            """
    }

    static func page(of rows: Rows, _ page: PageRequest) throws -> Page<AuditEvent> {
        Page(fetched: try rows.map(event), limit: page.limit, total: nil) { Keyset(time: $0.occurredAt, id: $0.id) }
    }

    private static func event(_ row: Row) throws -> AuditEvent {
        let (tenant, id, occurredAt, actorKind, actor, action, targetKind, target, address, request, changes) = try row.decode(
            UUID.self, UUID.self, Date.self, String.self, UUID?.self, String.self, String.self, String.self, InetAddress?.self, UUID?.self,
            JSONB.self)
        return AuditEvent(
            id: id, tenant: TenantID(tenant), occurredAt: occurredAt, actor: .init(kind: actorKind, id: actor?.lowercased), action: action,
            target: .init(kind: targetKind, id: target), ipAddress: IPAddress(address), requestID: request,
            changes: String(decoding: changes.bytes, as: UTF8.self))
    }
}
