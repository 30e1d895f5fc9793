package import Domain
import FoundationEssentials
import Postgres

/// All tenants, as `tessera_admin` may see and change them.
package struct PlatformTenantTable: PlatformTenantStore {
    private let database: AdminDatabase

    package init(_ database: AdminDatabase) { self.database = database }

    package func tenants(_ filter: PlatformTenantFilter, _ page: PageRequest) async throws -> Page<Tenant> {
        var condition: SQL = "status <> 'deleted'"
        if let search = filter.search { condition = "\(condition) AND (name ILIKE \(search.likePattern) OR slug ILIKE \(search.likePattern))" }
        if let status = filter.status { condition = "\(condition) AND status = \(status.rawValue)" }
        var behind: SQL = ""
        if let keyset = page.keyset { behind = " AND (created_at, id) < (\(keyset.time), \(keyset.id))" }
        // In the order of tenants_created_at_idx.
        let rows = try await database.unit([
            """
            SELECT id, slug, name, status, created_at, version FROM tessera.tenants WHERE \(condition)\(behind)
            ORDER BY created_at DESC, id DESC LIMIT \(page.limit + 1) OFFSET \(page.offset)
            """,
            "SELECT count(*) FROM tessera.tenants WHERE \(condition)",
        ])
        let tenants = try rows[0].decode(UUID.self, String.self, String.self, String.self, Date.self, Int.self).map {
            id, slug, name, status, createdAt, version in
            Tenant(
                reference: .init(id: TenantID(id), slug: slug, name: name), status: .init(stored: status), createdAt: createdAt, version: version)
        }
        let total = page.keyset == nil ? try rows[1].decode(Int.self).first : nil
        return Page(fetched: tenants, limit: page.limit, total: total) { Keyset(time: $0.createdAt, id: $0.reference.id.uuid) }
    }

    package func tenant(_ id: TenantID) async throws -> Tenant? {
        try await database.unit([PeopleTable.selection(of: id)])[0].first.map { try PeopleTable.tenant(id, $0) }
    }

    package func create(_ tenant: Tenant.Reference, owner: Invitation, _ audit: AuditEntry) async throws {
        let now = audit.occurredAt
        _ = try await database.unit(
            in: tenant.id,
            [
                """
                INSERT INTO tessera.tenants (id, slug, name, created_at, updated_at)
                VALUES (\(tenant.id.uuid), \(tenant.slug), \(tenant.name), \(now), \(now))
                """,
                // The account by its unique e-mail: who has confirmed it owns the tenant at once, to anybody else an invitation is mailed.
                """
                WITH account AS (
                    SELECT id, name, email FROM tessera.users WHERE email = \(owner.email) AND status = 'active' AND email_verified_at IS NOT NULL
                ), joined AS (
                    INSERT INTO tessera.memberships (tenant_id, user_id, role, name, email, joined_at)
                    SELECT \(tenant.id.uuid), id, 'owner', name, email, \(now) FROM account
                ), invited AS (
                    INSERT INTO tessera.invitations (tenant_id, id, email, role, created_by, created_at, expires_at)
                    SELECT \(tenant.id.uuid), \(owner.id.uuid), \(owner.email), \(owner.role.rawValue), \(owner.createdBy.uuid), \(now),
                        \(owner.expiresAt)
                    WHERE NOT EXISTS (SELECT FROM account)
                )
                INSERT INTO tessera.outbox (tenant_id, id, kind, recipient, subject_id, details, created_at, next_attempt_at)
                SELECT \(tenant.id.uuid), \(UUID.v7(at: now)), \(MailKind.invitation.rawValue), \(owner.email), \(owner.id.uuid),
                    jsonb_build_object('role', \(owner.role.rawValue)::text), \(now), \(now)
                WHERE NOT EXISTS (SELECT FROM account)
                """,
                "SELECT \(audit.call)",
            ], claiming: audit.claim)
    }

    package func setStatus(
        of tenant: TenantID, to status: Tenant.Status, if precondition: Precondition, _ audit: AuditEntry
    ) async throws -> Tenant? {
        // By primary key, both.
        let rows = try await database.unit(
            in: tenant,
            [
                PeopleTable.selection(of: tenant),
                """
                WITH changed AS (
                    UPDATE tessera.tenants SET status = \(status.rawValue), updated_at = \(audit.occurredAt), version = version + 1
                    WHERE id = \(tenant.uuid) AND status NOT IN (\(status.rawValue), 'deleted') AND \(precondition.holds) RETURNING id
                )
                SELECT \(audit.call) FROM changed
                """,
                PeopleTable.selection(of: tenant),
            ])
        // A tenant that was deleted just now is no longer selected behind it.
        guard let found = try (rows[2].first ?? rows[0].first).map({ try PeopleTable.tenant(tenant, $0) }) else { return nil }
        if rows[1].count == 0 {
            try precondition.check(found.version)
            // It had another version when it was to be changed, and has this one since.
            if found.status != status { throw Refusal.stale }
        }
        return found
    }
}
