package import Domain
import FoundationEssentials
import Postgres

/// Members, changed by each other. Every unit locks the members it is about first, in the order of their ids, and writes to the audit
/// log last.
package struct MemberTable: MemberStore {
    private let database: TenantDatabase

    package init(_ database: TenantDatabase) { self.database = database }

    package func standing(of user: UserID, against actor: SubjectID, in tenant: TenantID) async throws -> MemberStanding? {
        // Two look-ups by primary key, and the tenant's owners by its first column.
        let acting: SQL =
            switch actor {
            case .user(let id): "tessera.memberships a ON a.tenant_id = m.tenant_id AND a.user_id = \(id.uuid)"
            case .serviceAccount(let id): "tessera.service_accounts a ON a.tenant_id = m.tenant_id AND a.id = \(id.uuid) AND a.status = 'active'"
            }
        let rows = try await database.query(
            tenant,
            """
            SELECT m.email, m.name, m.role, m.joined_at, a.role, \(Self.hasOtherOwner(than: user))
            FROM tessera.memberships m JOIN \(acting)
            WHERE m.tenant_id = \(tenant.uuid) AND m.user_id = \(user.uuid)
            """)
        guard
            let (email, name, role, joinedAt, actorRole, hasOtherOwner) = try rows.first?.decode(
                String.self, String.self, String.self, Date.self, String.self, Bool.self),
            let role = Role(rawValue: role), let actorRole = Role(rawValue: actorRole)
        else { return nil }
        return MemberStanding(
            member: Member(user: user, email: email, name: name, role: role, joinedAt: joinedAt), actor: actor, actorRole: actorRole,
            hasOtherOwner: hasOtherOwner)
    }

    package func setRole(_ role: Role, _ standing: MemberStanding, in tenant: TenantID, _ audit: AuditEntry) async throws -> Bool {
        let rows = try await database.unit(
            tenant,
            [
                Self.lock(standing, tenant), Self.acting(standing).lock(in: tenant),
                // By primary key.
                """
                WITH changed AS (
                    UPDATE tessera.memberships SET role = \(role.rawValue)
                    WHERE \(Self.stillHolds(standing, tenant)) AND (\(role == .owner) OR \(Self.ownerStays(standing)))
                    RETURNING user_id
                ), \(Self.fallenInvitations(of: standing, in: tenant, now: role, once: "changed", audit))
                SELECT \(audit.call), (SELECT count(\(Self.withdrawal(audit))) FROM fallen) FROM changed
                """,
            ])
        return rows[2].count == 1
    }

    package func remove(
        _ standing: MemberStanding, in tenant: TenantID, tokenReason: String, _ audit: AuditEntry
    ) async throws -> Bool {
        let owned: SQL = """
            tenant_id = \(tenant.uuid) AND owner_id = \(standing.member.user.uuid) AND owner_type = 'user' AND revoked_at IS NULL
            """
        let revoked = audit.call(ofEach: "ended.id::text", as: .tokenRevoked, "api_token", changes: ["reason": tokenReason])
        let rows = try await database.unit(
            tenant,
            [
                Self.lock(standing, tenant), Self.acting(standing).lock(in: tenant),
                // By api_tokens_name_key, as below.
                "SELECT 1 FROM tessera.api_tokens WHERE \(owned) ORDER BY id FOR UPDATE",
                """
                WITH gone AS (
                    DELETE FROM tessera.memberships
                    WHERE \(Self.stillHolds(standing, tenant)) AND \(Self.ownerStays(standing)) RETURNING user_id
                ), ended AS (
                    UPDATE tessera.api_tokens
                    SET revoked_at = \(audit.occurredAt), revoked_reason = \(tokenReason), updated_at = \(audit.occurredAt), version = version + 1
                    WHERE \(owned) AND EXISTS (SELECT FROM gone) RETURNING id
                ), \(Self.fallenInvitations(of: standing, in: tenant, now: nil, once: "gone", audit))
                SELECT \(audit.call), (SELECT count(\(revoked)) FROM ended), (SELECT count(\(Self.withdrawal(audit))) FROM fallen) FROM gone
                """,
            ])
        return rows[3].count == 1
    }

    // MARK: Pieces

    /// Withdraws the open invitations of a member that they could no longer make: else whoever is about to go lets themselves in again
    /// by another address. By the first column of the key.
    private static func fallenInvitations(
        of standing: MemberStanding, in tenant: TenantID, now role: Role?, once happened: SQL, _ audit: AuditEntry
    ) -> SQL {
        let reach = role.map { role in role < .admin ? [] : Role.allCases.filter { $0 <= role } } ?? []
        return """
            fallen AS (
                UPDATE tessera.invitations SET withdrawn_at = \(audit.occurredAt)
                WHERE tenant_id = \(tenant.uuid) AND created_by = \(standing.member.user.uuid) AND accepted_at IS NULL
                  AND withdrawn_at IS NULL AND NOT role = ANY(\(reach.map(\.rawValue))) AND EXISTS (SELECT FROM \(happened))
                RETURNING id
            )
            """
    }

    private static func withdrawal(_ audit: AuditEntry) -> SQL {
        audit.call(ofEach: "fallen.id::text", as: .invitationWithdrawn, "invitation", changes: ["reason": "inviter"])
    }

    /// Locks both, and every owner where the member is one: of two owners that demote each other, one waits for the other.
    private static func lock(_ standing: MemberStanding, _ tenant: TenantID) -> SQL {
        """
        SELECT 1 FROM tessera.memberships
        WHERE tenant_id = \(tenant.uuid) AND (user_id IN (\(standing.member.user.uuid), \(standing.actor.uuid))
            OR \(standing.member.role == .owner) AND role = 'owner')
        ORDER BY user_id FOR UPDATE
        """
    }

    private static func acting(_ standing: MemberStanding) -> Standing { Standing(id: standing.actor, role: standing.actorRole) }

    /// The member, while they and the actor have the roles that the decision rests on.
    private static func stillHolds(_ standing: MemberStanding, _ tenant: TenantID) -> SQL {
        """
        tenant_id = \(tenant.uuid) AND user_id = \(standing.member.user.uuid) AND role = \(standing.member.role.rawValue)
            AND \(acting(standing).holds(in: tenant))
        """
    }

    private static func ownerStays(_ standing: MemberStanding) -> SQL {
        "(role <> 'owner' OR \(hasOtherOwner(than: standing.member.user)))"
    }

    private static func hasOtherOwner(than user: UserID) -> SQL {
        "tessera.tenant_has_other_owner(\(user.uuid))"
    }
}
