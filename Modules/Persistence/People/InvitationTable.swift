package import Domain
package import FoundationEssentials
import Postgres

/// Invitations of one tenant at a time, with the mails that carry them.
package struct InvitationTable: InvitationStore {
    private let database: TenantDatabase

    package init(_ database: TenantDatabase) { self.database = database }

    package func insert(_ invitation: Invitation, inviterRole: Role, _ audit: AuditEntry) async throws {
        let tenant = invitation.tenant
        let isMember: SQL = """
            EXISTS (SELECT FROM tessera.memberships m WHERE m.tenant_id = \(tenant.uuid) AND m.email = \(invitation.email))
            """
        let mayInvite: SQL = """
            EXISTS (SELECT FROM tessera.memberships i WHERE i.tenant_id = \(tenant.uuid) AND i.user_id = \(invitation.createdBy.uuid)
                AND i.role = \(inviterRole.rawValue))
            """
        let reach = Role.allCases.filter { $0 <= inviterRole }.map(\.rawValue)
        let replaced = audit.call(
            ofEach: "expired.id::text", as: .invitationWithdrawn, "invitation", changes: ["replacedBy": invitation.id.description])
        let rows = try await database.unit(
            tenant,
            [
                // The inviter by primary key: nobody takes their role away before this is done.
                "SELECT 1 FROM tessera.memberships WHERE tenant_id = \(tenant.uuid) AND user_id = \(invitation.createdBy.uuid) FOR SHARE",
                // The expired one by invitations_email_key, which the new one enters after it has left; members by the first column
                // of their key.
                """
                WITH expired AS (
                    UPDATE tessera.invitations SET withdrawn_at = \(invitation.createdAt)
                    WHERE tenant_id = \(tenant.uuid) AND email = \(invitation.email) AND accepted_at IS NULL AND withdrawn_at IS NULL
                      AND expires_at <= \(invitation.createdAt) AND role = ANY(\(reach)) AND \(mayInvite) AND NOT \(isMember)
                    RETURNING id
                ), created AS (
                    INSERT INTO tessera.invitations (tenant_id, id, email, role, created_by, created_at, expires_at)
                    SELECT \(tenant.uuid), \(invitation.id.uuid), \(invitation.email), \(invitation.role.rawValue),
                        \(invitation.createdBy.uuid), \(invitation.createdAt), \(invitation.expiresAt)
                    FROM (SELECT count(*) FROM expired) first WHERE \(mayInvite) AND NOT \(isMember)
                    RETURNING tenant_id, id, email, role
                ), \(Self.mail("created", at: invitation.createdAt))
                SELECT \(audit.call), (SELECT count(\(replaced)) FROM expired) FROM created
                """,
                "SELECT \(isMember)",
            ], claiming: audit.claim)
        if rows[1].count == 1 { return }
        if try rows[2].decode(Bool.self) == [true] {
            throw Refusal(.alreadyMember, "Somebody with this e-mail is a member already.")
        }
        throw Refusal.forbidden("Your role has changed: look what it is now.")
    }

    package func invitation(_ id: InvitationID, in tenant: TenantID) async throws -> Invitation? {
        try await database.query(tenant, Self.selection(of: id, tenant)).first.map { try Self.invitation($0, tenant) }
    }

    package func invitations(in tenant: TenantID, _ page: PageRequest) async throws -> Page<Invitation> {
        var behind: SQL = ""
        if let keyset = page.keyset { behind = " AND (created_at, id) < (\(keyset.time), \(keyset.id))" }
        // Both are served by invitations_created_at_idx.
        let rows = try await database.unit(
            tenant,
            [
                """
                SELECT \(Self.columns) FROM tessera.invitations WHERE tenant_id = \(tenant.uuid) AND \(Self.isPending)\(behind)
                ORDER BY created_at DESC, id DESC LIMIT \(page.limit + 1) OFFSET \(page.offset)
                """,
                "SELECT count(*) FROM tessera.invitations WHERE tenant_id = \(tenant.uuid) AND \(Self.isPending)",
            ])
        let total = page.keyset == nil ? try rows[1].decode(Int.self).first : nil
        return Page(fetched: try rows[0].map { try Self.invitation($0, tenant) }, limit: page.limit, total: total) {
            Keyset(time: $0.createdAt, id: $0.id.uuid)
        }
    }

    package func resend(_ id: InvitationID, in tenant: TenantID, until expiry: Date, by actor: Standing, _ audit: AuditEntry) async throws
        -> Invitation?
    {
        // By primary key, both.
        let rows = try await actor.unit(
            database, tenant,
            [
                """
                WITH changed AS (
                    UPDATE tessera.invitations SET expires_at = \(expiry)
                    WHERE tenant_id = \(tenant.uuid) AND id = \(id.uuid) AND \(Self.isPending) AND \(actor.holds(in: tenant)) RETURNING tenant_id, id, email, role
                ), \(Self.mail("changed", at: audit.occurredAt))
                SELECT \(audit.call) FROM changed
                """,
                Self.selection(of: id, tenant),
            ])
        return try rows[1].first.map { try Self.invitation($0, tenant) }
    }

    package func withdraw(_ id: InvitationID, in tenant: TenantID, by actor: Standing, _ audit: AuditEntry) async throws -> Bool {
        // By primary key.
        let rows = try await actor.unit(
            database, tenant,
            [
                """
                WITH changed AS (
                    UPDATE tessera.invitations SET withdrawn_at = \(audit.occurredAt)
                    WHERE tenant_id = \(tenant.uuid) AND id = \(id.uuid) AND \(Self.isPending) AND \(actor.holds(in: tenant)) RETURNING id
                )
                SELECT \(audit.call) FROM changed
                """
            ])
        return rows[0].count == 1
    }

    // MARK: Pieces

    private static let columns: SQL = "id, email, role, created_by, created_at, expires_at"

    private static let isPending: SQL = "accepted_at IS NULL AND withdrawn_at IS NULL"

    private static func selection(of id: InvitationID, _ tenant: TenantID) -> SQL {
        "SELECT \(columns) FROM tessera.invitations WHERE tenant_id = \(tenant.uuid) AND id = \(id.uuid) AND \(isPending)"
    }

    /// A mail for each invitation of the CTE `source`.
    private static func mail(_ source: SQL, at time: Date) -> SQL {
        """
        mailed AS (
            INSERT INTO tessera.outbox (tenant_id, id, kind, recipient, subject_id, details, created_at, next_attempt_at)
            SELECT tenant_id, \(UUID.v7(at: time)), \(MailKind.invitation.rawValue), email, id, jsonb_build_object('role', role), \(time), \(time)
            FROM \(source)
        )
        """
    }

    private static func invitation(_ row: Row, _ tenant: TenantID) throws -> Invitation {
        let (id, email, role, createdBy, createdAt, expiresAt) = try row.decode(
            UUID.self, String.self, String.self, UUID.self, Date.self, Date.self)
        guard let role = Role(rawValue: role) else { throw Refusal.unavailable("invitation \(id.lowercased) has the unknown role \(role)") }
        return Invitation(
            id: InvitationID(id), tenant: tenant, email: email, role: role, createdBy: UserID(createdBy), createdAt: createdAt,
            expiresAt: expiresAt)
    }
}
