package import FoundationEssentials

/// A login on one device: a short access token, renewed by rotating refresh tokens.
package struct Session: Sendable {
    package let id: SessionID
    package let user: UserID
    /// nil: in none.
    package let tenant: TenantID?
    package let createdAt: Date
    /// When the password was last given.
    package let authenticatedAt: Date
    /// The session ends then, however busy it is.
    package let expiresAt: Date
    package let device: Device

    package init(
        id: SessionID, user: UserID, tenant: TenantID?, createdAt: Date, authenticatedAt: Date, expiresAt: Date, device: Device
    ) {
        self.id = id
        self.user = user
        self.tenant = tenant
        self.createdAt = createdAt
        self.authenticatedAt = authenticatedAt
        self.expiresAt = expiresAt
        self.device = device
    }

    /// Where a login came from, to tell sessions apart.
    package struct Device: Sendable {
        package let ipAddress: IPAddress?
        package let userAgent: String?

        package init(ipAddress: IPAddress?, userAgent: String?) {
            self.ipAddress = ipAddress
            self.userAgent = userAgent
        }
    }

    /// How long a session lives when it is used, and how long when not, in seconds.
    package static let absoluteLifetime: TimeInterval = 90 * 86_400
    package static let idleLifetime: TimeInterval = 14 * 86_400
}

/// One of a session's rotating secrets: good once.
package struct RefreshToken: Sendable {
    package let id: RefreshTokenID
    package let session: SessionID
    package let user: UserID
    package let hash: HashedToken
    package let expiresAt: Date

    package init(id: RefreshTokenID, session: SessionID, user: UserID, hash: HashedToken, expiresAt: Date) {
        self.id = id
        self.session = session
        self.user = user
        self.hash = hash
        self.expiresAt = expiresAt
    }

    /// How long after a rotation the immediate predecessor is merely refused: a client that lost the answer is not a thief.
    package static let graceAfterUse: TimeInterval = 10
}
