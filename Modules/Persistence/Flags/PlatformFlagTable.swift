package import Domain
import FoundationEssentials
import Postgres

/// The flags as `tessera_admin` may see and change them.
///
/// Every change, of an override too, first locks its flag's row: changes of one flag come one after the other, and versions in their order.
package struct PlatformFlagTable: PlatformFlagStore {
    private let database: AdminDatabase

    package init(_ database: AdminDatabase) { self.database = database }

    package func flags() async throws -> [PlatformFlag] {
        let rows = try await database.unit(Self.selections("true"))
        return try Self.flags(rows[0], overrides: rows[1])
    }

    package func set(_ flag: FeatureFlag, to change: FlagChange, if precondition: Precondition, _ audit: AuditEntry) async throws -> PlatformFlag {
        // By primary key, all.
        let rows = try await database.unit(
            [
                Self.lock(flag),
                """
                WITH wanted AS (
                    SELECT key, description AS described, default_enabled AS was_default, killed AS was_killed, rollout_percent AS was_percent,
                        coalesce(\(change.description), description) AS description,
                        coalesce(\(change.defaultEnabled), default_enabled) AS default_enabled, coalesce(\(change.killed), killed) AS killed,
                        coalesce(\(change.rolloutPercent.map { Int16(clamping: $0) }), rollout_percent) AS rollout_percent
                    FROM tessera.feature_flags WHERE key = \(flag.rawValue) AND \(precondition.holds)
                ), changed AS (
                    UPDATE tessera.feature_flags f SET description = w.description, default_enabled = w.default_enabled, killed = w.killed,
                        rollout_percent = w.rollout_percent, version = version + 1, updated_at = \(audit.occurredAt)
                    FROM wanted w
                    WHERE f.key = w.key AND (w.description, w.default_enabled, w.killed, w.rollout_percent)
                        IS DISTINCT FROM (w.described, w.was_default, w.was_killed, w.was_percent)
                    RETURNING w.*
                )
                SELECT \(audit.call(adding: """
                    jsonb_strip_nulls(jsonb_build_object(
                        'defaultEnabled', default_enabled::text, 'killed', killed::text, 'rolloutPercent', rollout_percent::text,
                        'description', CASE WHEN description <> described THEN 'changed' END, 'defaultEnabledBefore', was_default::text,
                        'killedBefore', was_killed::text, 'rolloutPercentBefore', was_percent::text))
                    """)), \(Self.notification) FROM changed
                """,
            ] + Self.selections("f.key = \(flag.rawValue)"))
        return try Self.changed(rows, precondition, flag: 0, behind: 2)
    }

    package func override(
        _ flag: FeatureFlag, for tenant: TenantID, with isEnabled: Bool, reason: String, by person: UserID, if precondition: Precondition,
        _ audit: AuditEntry
    ) async throws -> PlatformFlag {
        // By primary key, all. What was set before is read as of before the change.
        let rows = try await database.unit(
            in: tenant,
            [
                PeopleTable.selection(of: tenant),
                Self.lock(flag),
                """
                WITH before AS (
                    SELECT enabled FROM tessera.tenant_feature_flags WHERE tenant_id = \(tenant.uuid) AND flag_key = \(flag.rawValue)
                ), put AS (
                    INSERT INTO tessera.tenant_feature_flags AS o (tenant_id, flag_key, enabled, reason, set_by, set_at)
                    SELECT n.id, f.key, \(isEnabled), \(reason), \(person.uuid), \(audit.occurredAt)
                    FROM tessera.tenants n, tessera.feature_flags f
                    WHERE n.id = \(tenant.uuid) AND n.status <> 'deleted' AND f.key = \(flag.rawValue) AND \(precondition.holds(of: "f.version"))
                    ON CONFLICT (tenant_id, flag_key) DO UPDATE SET enabled = excluded.enabled, reason = excluded.reason,
                        set_by = excluded.set_by, set_at = excluded.set_at
                    WHERE (o.enabled, o.reason) IS DISTINCT FROM (excluded.enabled, excluded.reason)
                    RETURNING o.enabled
                ), moved AS (
                    UPDATE tessera.feature_flags SET version = version + 1, updated_at = \(audit.occurredAt)
                    WHERE key = \(flag.rawValue) AND EXISTS (SELECT FROM put)
                )
                SELECT \(audit.call(adding: """
                    jsonb_strip_nulls(jsonb_build_object('enabled', enabled::text, 'enabledBefore', (SELECT b.enabled::text FROM before b)))
                    """)), \(Self.notification) FROM put
                """,
            ] + Self.selections("f.key = \(flag.rawValue)"))
        guard !rows[0].isEmpty else { throw Refusal.notFound }
        return try Self.changed(rows, precondition, flag: 1, behind: 3)
    }

    package func removeOverride(
        of flag: FeatureFlag, for tenant: TenantID, if precondition: Precondition, _ audit: AuditEntry
    ) async throws -> PlatformFlag {
        // By primary key, all.
        let rows = try await database.unit(
            in: tenant,
            [
                PeopleTable.selection(of: tenant),
                Self.lock(flag),
                """
                WITH removed AS (
                    DELETE FROM tessera.tenant_feature_flags o USING tessera.feature_flags f, tessera.tenants n
                    WHERE o.tenant_id = \(tenant.uuid) AND o.flag_key = \(flag.rawValue) AND f.key = o.flag_key AND n.id = o.tenant_id
                        AND n.status <> 'deleted' AND \(precondition.holds(of: "f.version"))
                    RETURNING o.enabled
                ), moved AS (
                    UPDATE tessera.feature_flags SET version = version + 1, updated_at = \(audit.occurredAt)
                    WHERE key = \(flag.rawValue) AND EXISTS (SELECT FROM removed)
                )
                SELECT \(audit.call(adding: "jsonb_build_object('enabledBefore', enabled::text)")), \(Self.notification) FROM removed
                """,
            ] + Self.selections("f.key = \(flag.rawValue)"))
        guard !rows[0].isEmpty else { throw Refusal.notFound }
        return try Self.changed(rows, precondition, flag: 1, behind: 3)
    }

    /// By primary key: whoever changes the flag at the same time waits here.
    private static func lock(_ flag: FeatureFlag) -> SQL {
        "SELECT version FROM tessera.feature_flags WHERE key = \(flag.rawValue) FOR UPDATE"
    }

    /// Told to all nodes when the transaction commits, once however many rows ask for it.
    private static var notification: SQL { "pg_notify(\(FlagTable.channel), '')" }

    /// The flags, a handful, in full; then the latest overrides of each by tenant_feature_flags_flag_idx, their tenants by primary key.
    private static func selections(_ condition: SQL) -> [SQL] {
        [
            """
            SELECT f.key, f.description, f.default_enabled, f.killed, f.rollout_percent, f.version, f.updated_at,
                (SELECT count(*) FROM tessera.tenant_feature_flags o WHERE o.flag_key = f.key)
            FROM tessera.feature_flags f WHERE \(condition) ORDER BY f.key
            """,
            """
            SELECT f.key, n.id, n.slug, n.name, o.enabled, o.reason, o.set_by, o.set_at
            FROM tessera.feature_flags f CROSS JOIN LATERAL (
                SELECT * FROM tessera.tenant_feature_flags t WHERE t.flag_key = f.key ORDER BY t.set_at DESC, t.tenant_id DESC
                LIMIT \(PlatformFlag.shownOverrides)) o
            JOIN tessera.tenants n ON n.id = o.tenant_id
            WHERE \(condition) ORDER BY o.set_at DESC, o.tenant_id DESC
            """,
        ]
    }

    /// The flag as it is behind a change, unless the version that was locked before it wasn't one to rest on: then nothing changed.
    private static func changed(_ rows: [Rows], _ precondition: Precondition, flag: Int, behind: Int) throws -> PlatformFlag {
        guard let version = try rows[flag].decode(Int.self).first else { throw Refusal.notFound }
        try precondition.check(version)
        guard let changed = try flags(rows[behind], overrides: rows[behind + 1]).first else { throw Refusal.notFound }
        return changed
    }

    private static func flags(_ rows: Rows, overrides: Rows) throws -> [PlatformFlag] {
        var byFlag: [String: [FlagOverride]] = [:]
        for row in overrides {
            let (key, tenant, slug, name, isEnabled, reason, person, setAt) = try row.decode(
                String.self, UUID.self, String.self, String.self, Bool.self, String.self, UUID.self, Date.self)
            byFlag[key, default: []].append(
                FlagOverride(
                    tenant: .init(id: TenantID(tenant), slug: slug, name: name), isEnabled: isEnabled, reason: reason, setBy: UserID(person),
                    setAt: setAt))
        }
        return try rows.decode(String.self, String.self, Bool.self, Bool.self, Int.self, Int.self, Date.self, Int.self).compactMap {
            key, description, defaultEnabled, killed, percent, version, updatedAt, count in
            FeatureFlag(rawValue: key).map { flag in
                PlatformFlag(
                    flag: flag, description: description, defaultEnabled: defaultEnabled, killed: killed, rolloutPercent: percent,
                    version: version, updatedAt: updatedAt, overrideCount: count, overrides: byFlag[key] ?? [])
            }
        }
    }
}
