import Auth
import Domain

/// A new or renewed session, with the secrets that only this answer carries.
struct SessionBody: Encodable, Sendable {
    let accessToken: String
    let tokenType = "Bearer"
    /// Seconds.
    let expiresIn: Int
    let refreshToken: String
    let user: UserBody
    let tenant: TenantReferenceBody
    let role: String
    @ExplicitNull var deviceToken: String?

    init(_ grant: SessionGrant) {
        accessToken = grant.accessToken.reveal()
        expiresIn = grant.expiresIn
        refreshToken = grant.refreshToken.reveal()
        user = UserBody(grant.user)
        tenant = TenantReferenceBody(grant.tenant)
        role = grant.role.rawValue
        deviceToken = grant.deviceToken?.reveal()
    }
}
