package import Domain
import FoundationEssentials
import Postgres

/// Service accounts of one tenant at a time. Every unit locks who acts first, then the account, then its tokens, and writes to the
/// audit log last.
package struct ServiceAccountTable: ServiceAccountStore {
    private let database: TenantDatabase

    package init(_ database: TenantDatabase) { self.database = database }

    package func insert(_ account: ServiceAccount, by actor: Standing, _ audit: AuditEntry) async throws -> Bool {
        let tenant = account.tenant
        let rows = try await database.unit(
            tenant,
            [
                actor.lock(in: tenant),
                """
                WITH created AS (
                    INSERT INTO tessera.service_accounts (tenant_id, id, name, role, status, created_by, created_at, updated_at, version)
                    SELECT \(tenant.uuid), \(account.reference.id.uuid), \(account.reference.name), \(account.role.rawValue),
                        \(account.status.rawValue), \(account.createdBy.uuid), \(account.createdAt), \(account.updatedAt), \(Int32(account.version))
                    WHERE \(actor.holds(in: tenant)) RETURNING id
                )
                SELECT \(audit.call) FROM created
                """,
            ], claiming: audit.claim)
        return rows[1].count == 1
    }

    package func account(_ id: ServiceAccountID, in tenant: TenantID) async throws -> ServiceAccount? {
        // By primary key.
        try await database.query(
            tenant,
            """
            SELECT \(Self.columns) FROM tessera.service_accounts
            WHERE tenant_id = \(tenant.uuid) AND id = \(id.uuid) AND status <> 'deleted'
            """
        ).first.map { try Self.account($0, tenant) }
    }

    package func accounts(in tenant: TenantID, search: String?, _ page: PageRequest) async throws -> Page<ServiceAccount> {
        var condition: SQL = "tenant_id = \(tenant.uuid) AND status <> 'deleted'"
        if let search { condition = "\(condition) AND name ILIKE \(search.likePattern)" }
        var behind: SQL = ""
        if let keyset = page.keyset { behind = " AND (created_at, id) < (\(keyset.time), \(keyset.id))" }
        // Both are served by service_accounts_created_at_idx.
        let rows = try await database.unit(
            tenant,
            [
                """
                SELECT \(Self.columns) FROM tessera.service_accounts WHERE \(condition)\(behind)
                ORDER BY created_at DESC, id DESC LIMIT \(page.limit + 1) OFFSET \(page.offset)
                """,
                "SELECT count(*) FROM tessera.service_accounts WHERE \(condition)",
            ])
        let total = page.keyset == nil ? try rows[1].decode(Int.self).first : nil
        return Page(fetched: try rows[0].map { try Self.account($0, tenant) }, limit: page.limit, total: total) {
            Keyset(time: $0.createdAt, id: $0.reference.id.uuid)
        }
    }

    package func update(
        _ account: ServiceAccount, _ change: ServiceAccountChange, by actor: Standing, _ audit: AuditEntry
    ) async throws -> ServiceAccount? {
        let tenant = account.tenant
        let rows = try await database.unit(
            tenant,
            [
                actor.lock(in: tenant),
                """
                WITH changed AS (
                    UPDATE tessera.service_accounts SET name = coalesce(\(change.name), name), role = coalesce(\(change.role?.rawValue), role),
                        status = coalesce(\(change.status?.rawValue), status), updated_at = \(audit.occurredAt), version = version + 1
                    WHERE \(Self.stillIs(account)) AND \(actor.holds(in: tenant)) RETURNING \(Self.columns)
                ), audited AS MATERIALIZED (SELECT count(\(audit.call)::text) FROM changed)
                SELECT \(Self.columns) FROM changed CROSS JOIN audited
                """,
            ])
        return try rows[1].first.map { try Self.account($0, tenant) }
    }

    package func delete(
        _ account: ServiceAccount, by actor: Standing, tokenReason: String, _ audit: AuditEntry
    ) async throws -> Bool {
        let tenant = account.tenant
        let owned: SQL = """
            tenant_id = \(tenant.uuid) AND owner_id = \(account.reference.id.uuid) AND owner_type = 'service_account' AND revoked_at IS NULL
            """
        let revoked = audit.call(ofEach: "ended.id::text", as: .tokenRevoked, "api_token", changes: ["reason": tokenReason])
        let rows = try await database.unit(
            tenant,
            [
                actor.lock(in: tenant),
                "SELECT 1 FROM tessera.service_accounts WHERE \(Self.stillIs(account)) FOR UPDATE",
                // By api_tokens_name_key, as below.
                "SELECT 1 FROM tessera.api_tokens WHERE \(owned) ORDER BY id FOR UPDATE",
                """
                WITH gone AS (
                    UPDATE tessera.service_accounts SET status = 'deleted', updated_at = \(audit.occurredAt), version = version + 1
                    WHERE \(Self.stillIs(account)) AND \(actor.holds(in: tenant)) RETURNING id
                ), ended AS (
                    UPDATE tessera.api_tokens
                    SET revoked_at = \(audit.occurredAt), revoked_reason = \(tokenReason), updated_at = \(audit.occurredAt), version = version + 1
                    WHERE \(owned) AND EXISTS (SELECT FROM gone) RETURNING id
                )
                SELECT \(audit.call), (SELECT count(\(revoked)) FROM ended) FROM gone
                """,
            ])
        return rows[3].count == 1
    }

    // MARK: Pieces

    private static let columns: SQL = "id, name, role, status, created_by, created_at, updated_at, version"

    /// By primary key, and nobody changed it since it was read.
    private static func stillIs(_ account: ServiceAccount) -> SQL {
        """
        tenant_id = \(account.tenant.uuid) AND id = \(account.reference.id.uuid) AND version = \(Int32(account.version)) AND status <> 'deleted'
        """
    }

    private static func account(_ row: Row, _ tenant: TenantID) throws -> ServiceAccount {
        let (id, name, role, status, createdBy, createdAt, updatedAt, version) = try row.decode(
            UUID.self, String.self, String.self, String.self, UUID.self, Date.self, Date.self, Int.self)
        guard let role = Role(rawValue: role) else { throw Refusal.unavailable("service account \(id.lowercased) has the unknown role \(role)") }
        return ServiceAccount(
            reference: .init(id: ServiceAccountID(id), name: name), tenant: tenant, role: role, status: .init(rawValue: status) ?? .disabled,
            createdBy: UserID(createdBy), createdAt: createdAt, updatedAt: updatedAt, version: version)
    }
}
