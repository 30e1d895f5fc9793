package import Domain
import FoundationEssentials
import Postgres

/// The foreign prefixes of all tenants, as `tessera_admin` may see and change them.
package struct PlatformPrefixTable: PlatformPrefixStore {
    private let database: AdminDatabase

    package init(_ database: AdminDatabase) { self.database = database }

    package func prefix(of tenant: TenantID) async throws -> GrantedPrefix? {
        let rows = try await database.unit([PeopleTable.selection(of: tenant), Self.selection(tenant)])
        guard !rows[0].isEmpty else { throw Refusal.notFound }
        return try Self.granted(rows[1])
    }

    package func grant(_ prefix: ForeignPrefix, to tenant: TenantID, by person: UserID, _ audit: AuditEntry) async throws -> GrantedPrefix {
        // One grant at a time, so that no two that overlap can both see that there is no other.
        let rows = try await database.unit(
            in: tenant,
            [
                "SELECT 1 FROM pg_advisory_xact_lock(hashtext('tessera.token_prefixes'))",
                PeopleTable.selection(of: tenant),
                // The tenant by primary key; the others' prefixes are a handful.
                """
                WITH granted AS (
                    INSERT INTO tessera.token_prefixes (tenant_id, prefix, length, alphabet, granted_by, granted_at)
                    SELECT n.id, \(prefix.text), \(Int32(prefix.length)), \(prefix.alphabet), \(person.uuid), \(audit.occurredAt)
                    FROM tessera.tenants n WHERE n.id = \(tenant.uuid) AND n.status <> 'deleted' AND NOT EXISTS (
                        SELECT FROM tessera.token_prefixes p JOIN tessera.tenants o ON o.id = p.tenant_id AND o.status <> 'deleted'
                        WHERE starts_with(p.prefix, \(prefix.text)) OR starts_with(\(prefix.text), p.prefix))
                    ON CONFLICT DO NOTHING RETURNING tenant_id
                )
                SELECT \(audit.call) FROM granted
                """,
                Self.selection(tenant),
            ])
        guard !rows[1].isEmpty else { throw Refusal.notFound }
        guard let granted = try Self.granted(rows[3]) else {
            throw Refusal(.prefixTaken, "Another tenant has this prefix, or one that begins with it or that it begins with.")
        }
        guard granted.prefix == prefix else {
            throw Refusal(.prefixTaken, "The tenant has the prefix \(granted.prefix.text) already, or this one in another form: withdraw it first.")
        }
        return granted
    }

    package func withdraw(from tenant: TenantID, _ audit: AuditEntry) async throws {
        // By primary key, both.
        let rows = try await database.unit(
            in: tenant,
            [
                PeopleTable.selection(of: tenant),
                """
                WITH withdrawn AS (
                    DELETE FROM tessera.token_prefixes p USING tessera.tenants n
                    WHERE p.tenant_id = \(tenant.uuid) AND n.id = p.tenant_id AND n.status <> 'deleted' RETURNING p.prefix
                )
                SELECT \(audit.call(ofEach: "\(tenant.description)", as: audit.action, "tenant", changes: "jsonb_build_object('prefix', prefix)"))
                FROM withdrawn
                """,
            ])
        guard !rows[0].isEmpty else { throw Refusal.notFound }
    }

    /// By primary key.
    private static func selection(_ tenant: TenantID) -> SQL {
        "SELECT prefix, length, alphabet, granted_at FROM tessera.token_prefixes WHERE tenant_id = \(tenant.uuid)"
    }

    private static func granted(_ rows: Rows) throws -> GrantedPrefix? {
        try rows.decode(String.self, Int.self, String.self, Date.self).first.map { text, length, alphabet, grantedAt in
            GrantedPrefix(prefix: ForeignPrefix(text: text, length: length, alphabet: alphabet), grantedAt: grantedAt)
        }
    }
}
