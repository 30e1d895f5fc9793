import Auth
import Domain

/// `{email, password, name, tenantName, tenantSlug?, transport?}`
struct RegistrationRequest {
    let registration: Registration

    init(_ body: consuming BodyReader) throws(Refusal) {
        var body = body
        let email = body.email("email")
        let password = body.newPassword("password")
        let name = body.requiredString("name", 1...100)
        let tenantName = body.requiredString("tenantName", 1...100)
        let slug = body.slug("tenantSlug")
        body.transport()
        try body.finish()
        guard let email, let password, let name, let tenantName else { throw .invalid(body.faults) }
        registration = Registration(email: email, password: password, name: name, tenantName: tenantName, slug: slug)
    }
}

/// `{email, password, tenant?, deviceToken?, transport?}`
struct LoginRequest {
    let login: Login

    init(_ body: consuming BodyReader) throws(Refusal) {
        var body = body
        let email = body.email("email")
        let password = body.requiredExactString("password", 1...1024)
        let tenant = body.string("tenant", 1...100)
        let deviceToken = body.string("deviceToken", 1...1024)
        body.transport()
        try body.finish()
        guard let email, let password else { throw .invalid(body.faults) }
        login = Login(email: email, password: password, tenant: tenant, deviceToken: deviceToken)
    }
}

/// `{refreshToken, tenant?, transport?}`
struct RefreshRequest {
    let refreshToken: String
    /// A slug or an id: the session goes on in that tenant.
    let tenant: String?

    init(_ body: consuming BodyReader) throws(Refusal) {
        var body = body
        let token = body.requiredExactString("refreshToken", 1...1024)
        tenant = body.string("tenant", 1...100)
        body.transport()
        try body.finish()
        guard let token else { throw .invalid(body.faults) }
        refreshToken = token
    }
}

extension BodyReader {
    mutating func email(_ name: String) -> EmailAddress? {
        guard let text = requiredString(name, 1...254) else { return nil }
        guard let email = EmailAddress(text) else {
            fault(name, "invalid", "\(name) must be an e-mail address like name@example.com.")
            return nil
        }
        return email
    }

    /// A password about to be set: kept exactly as it came.
    mutating func newPassword(_ name: String) -> String? {
        guard let password = requiredExactString(name, 1...1024) else { return nil }
        if let fault = PasswordPolicy.check(password) {
            self.fault(name, fault.code, fault.detail)
            return nil
        }
        return password
    }

    mutating func slug(_ name: String) -> Slug? {
        guard let text = string(name, Slug.bounds) else { return nil }
        guard let slug = Slug(text) else {
            fault(name, "invalid", "\(name) may have a–z, 0–9 and single hyphens between them.")
            return nil
        }
        return slug
    }

    /// How the refresh token travels: in the body.
    mutating func transport() {
        switch string("transport", 1...20) {
        case nil, "body": return
        case "cookie": fault("transport", "not_supported", "The cookie transport is not supported yet: use \"body\".")
        default: fault("transport", "invalid", "transport must be \"body\".")
        }
    }
}
