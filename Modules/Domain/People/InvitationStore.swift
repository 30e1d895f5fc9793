package import FoundationEssentials

/// Invitations as the database keeps them; every call sees one tenant only. Accepted and withdrawn ones are gone for all of them.
///
/// Each change writes its audit entry with it, at the entry's time; what invites also puts a mail into the outbox. Changes throw
/// ``ErrorCode/forbidden`` if `actor` no longer stands as the decision supposed.
package protocol InvitationStore: Sendable {
    /// Stores an invitation in the place of one for the same e-mail that has expired and is for no role above `inviterRole`.
    ///
    /// Throws ``ErrorCode/alreadyMember``, ``ErrorCode/alreadyInvited``, and ``ErrorCode/forbidden`` if `createdBy` no longer has
    /// `inviterRole`.
    func insert(_ invitation: Invitation, inviterRole: Role, _ audit: AuditEntry) async throws

    func invitation(_ id: InvitationID, in tenant: TenantID) async throws -> Invitation?

    /// The newest first.
    func invitations(in tenant: TenantID, _ page: PageRequest) async throws -> Page<Invitation>

    /// Lets the invitation hold until `expiry`; nil if it is gone.
    func resend(_ id: InvitationID, in tenant: TenantID, until expiry: Date, by actor: Standing, _ audit: AuditEntry) async throws -> Invitation?

    /// False if it is gone.
    func withdraw(_ id: InvitationID, in tenant: TenantID, by actor: Standing, _ audit: AuditEntry) async throws -> Bool
}
