import Auth
import Domain

/// A new or renewed session.
struct SessionBody: Encodable, Sendable {
    let accessToken: String
    let tokenType = "Bearer"
    /// Seconds.
    let expiresIn: Int
    @ExplicitNull var refreshToken: String?
    let user: UserBody
    @ExplicitNull var tenant: TenantReferenceBody?
    @ExplicitNull var role: String?
    @ExplicitNull var deviceToken: String?

    /// - Parameter withSecrets: false where the refresh and device tokens travel in cookies.
    init(_ grant: SessionGrant, withSecrets: Bool) {
        accessToken = grant.accessToken.reveal()
        expiresIn = grant.expiresIn
        refreshToken = withSecrets ? grant.refreshToken.reveal() : nil
        user = UserBody(grant.user)
        tenant = grant.membership.map { TenantReferenceBody($0.tenant) }
        role = grant.membership?.role.rawValue
        deviceToken = withSecrets ? grant.deviceToken?.reveal() : nil
    }
}
