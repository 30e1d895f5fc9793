package import FoundationEssentials

/// An offer to join a tenant, made to an e-mail address.
package struct Invitation: Sendable {
    package let id: InvitationID
    package let tenant: TenantID
    package let email: String
    package let role: Role
    package let createdBy: UserID
    package let createdAt: Date
    package let expiresAt: Date

    package init(
        id: InvitationID, tenant: TenantID, email: String, role: Role, createdBy: UserID, createdAt: Date, expiresAt: Date
    ) {
        self.id = id
        self.tenant = tenant
        self.email = email
        self.role = role
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    /// An expired one can be sent again, or replaced by another.
    package enum Status: String, Sendable { case open, expired }

    package func status(at now: Date) -> Status { expiresAt <= now ? .expired : .open }

    /// How long an invitation holds, in seconds.
    package static let lifetime: TimeInterval = 7 * 86_400
}
