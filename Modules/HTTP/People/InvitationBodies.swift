import Domain
import FoundationEssentials

/// An invitation without its secret, which is in the mail alone.
struct InvitationBody: Encodable, Sendable {
    let id: InvitationID
    let email: String
    let role: String
    let createdBy: UserID
    let createdAt: String
    let expiresAt: String
    let status: String

    init(_ invitation: Invitation, at now: Date) {
        id = invitation.id
        email = invitation.email
        role = invitation.role.rawValue
        createdBy = invitation.createdBy
        createdAt = RFC3339.format(invitation.createdAt)
        expiresAt = RFC3339.format(invitation.expiresAt)
        status = invitation.status(at: now).rawValue
    }
}

struct InvitationsBody: Encodable, Sendable {
    let invitations: [InvitationBody]
    let pagination: PaginationBody
}
