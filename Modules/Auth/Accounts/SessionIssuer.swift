import Domain
import FoundationEssentials

/// Makes sessions with their secrets.
package struct SessionIssuer: Sendable {
    private let accessTokens: AccessTokens

    package init(accessTokens: AccessTokens) { self.accessTokens = accessTokens }

    /// A session that is not stored yet, and its plain secrets.
    struct Draft: Sendable {
        let session: Session
        let refresh: RefreshToken
        let device: DeviceToken
        fileprivate let plainRefresh: PlainToken
        fileprivate let plainDevice: PlainToken
    }

    /// - Parameters:
    ///   - tenant: nil for a session in no tenant.
    ///   - authenticatedAt: when the password was given; nil is now.
    func draft(
        for user: UserID, in tenant: TenantID?, from origin: Origin, at time: Date, authenticatedAt: Date? = nil
    ) throws(Refusal) -> Draft {
        let session = Session(
            id: .timeOrdered(at: time), user: user, tenant: tenant, createdAt: time, authenticatedAt: authenticatedAt ?? time,
            expiresAt: time + Session.absoluteLifetime, device: .init(ipAddress: origin.ipAddress, userAgent: origin.userAgent))
        guard let device = DeviceTokenFormat.mint(for: user, at: time),
            let refresh = RefreshTokenFormat.mint(
                .timeOrdered(at: time), session: session.id, user: user, expiresAt: time + Session.idleLifetime)
        else { throw .unavailable("no secret could be made") }
        return Draft(
            session: session, refresh: refresh.stored, device: device.stored, plainRefresh: refresh.plain, plainDevice: device.plain)
    }

    /// What the person gets for a stored draft.
    func grant(_ draft: Draft, to user: User.Profile, in membership: Membership?) throws -> SessionGrant {
        try grant(
            draft.session.id, draft.plainRefresh, to: user, in: membership, authenticatedAt: draft.session.authenticatedAt, device: draft.plainDevice)
    }

    /// What the person gets for a refresh token that was traded for `refresh`.
    func grant(
        _ session: SessionID, _ refresh: PlainToken, to user: User.Profile, in membership: Membership?, authenticatedAt: Date,
        device: PlainToken? = nil
    ) throws -> SessionGrant {
        let access = try accessTokens.issue(for: user.id, session: session, tenant: membership?.tenant.id, authenticatedAt: authenticatedAt)
        return SessionGrant(
            accessToken: access, expiresIn: AccessTokens.lifetime, refreshToken: refresh, deviceToken: device, user: user, membership: membership)
    }
}
