package import Domain
import FoundationEssentials

/// A session just begun or renewed, with the secrets its holder gets.
package struct SessionGrant: Sendable {
    package let accessToken: PlainToken
    /// Seconds.
    package let expiresIn: Int
    package let refreshToken: PlainToken
    /// For the device's next login; nil where the one it has stays good.
    package let deviceToken: PlainToken?
    package let user: User.Profile
    /// nil: the session is in no tenant.
    package let membership: Membership?
}

/// What someone gives to get an account.
package struct Registration: Sendable {
    package let email: EmailAddress
    package let password: String
    package let name: String
    package let tenantName: String
    /// nil: made of the tenant's name.
    package let slug: Slug?

    package init(email: EmailAddress, password: String, name: String, tenantName: String, slug: Slug?) {
        self.email = email
        self.password = password
        self.name = name
        self.tenantName = tenantName
        self.slug = slug
    }
}

/// What someone gives to log in.
package struct Login: Sendable {
    package let email: EmailAddress
    package let password: String
    /// A slug or an id; nil is the tenant last used.
    package let tenant: String?
    package let deviceToken: String?

    package init(email: EmailAddress, password: String, tenant: String?, deviceToken: String?) {
        self.email = email
        self.password = password
        self.tenant = tenant
        self.deviceToken = deviceToken
    }
}
