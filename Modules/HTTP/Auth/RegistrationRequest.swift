import Auth
package import Domain

/// `{email, password, name, tenantName, tenantSlug?, transport?}`
struct RegistrationRequest {
    let registration: Registration
    let transport: Transport?

    init(_ body: consuming BodyReader) throws(Refusal) {
        var body = body
        let email = body.email("email")
        let password = body.newPassword("password")
        let name = body.requiredString("name", 1...100)
        let tenantName = body.requiredString("tenantName", 1...100)
        let slug = body.slug("tenantSlug")
        transport = body.transport()
        try body.finish()
        guard let email, let password, let name, let tenantName else { throw .invalid(body.faults) }
        registration = Registration(email: email, password: password, name: name, tenantName: tenantName, slug: slug)
    }
}

/// `{email, password, tenant?, deviceToken?, transport?}`
struct LoginRequest {
    let email: EmailAddress
    let password: String
    let tenant: String?
    let deviceToken: String?
    let transport: Transport?

    init(_ body: consuming BodyReader) throws(Refusal) {
        var body = body
        let email = body.email("email")
        let password = body.requiredExactString("password", 1...1024)
        tenant = body.string("tenant", 1...100)
        deviceToken = body.string("deviceToken", 1...1024)
        transport = body.transport()
        try body.finish()
        guard let email, let password else { throw .invalid(body.faults) }
        self.email = email
        self.password = password
    }
}

/// `{refreshToken?, tenant?, transport?}`, or no body at all where a cookie has the token.
struct RefreshRequest {
    let refreshToken: String?
    /// A slug or an id: the session goes on in that tenant.
    let tenant: String?
    let transport: Transport?

    init(_ body: consuming BodyReader?) throws(Refusal) {
        var body = body ?? BodyReader([:])
        refreshToken = body.has("refreshToken") ? body.requiredExactString("refreshToken", 1...1024) : nil
        tenant = body.string("tenant", 1...100)
        transport = body.transport()
        try body.finish()
    }
}

extension BodyReader {
    package mutating func email(_ name: String) -> EmailAddress? {
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

    package mutating func slug(_ name: String) -> Slug? {
        guard let text = string(name, Slug.bounds) else { return nil }
        guard let slug = Slug(text) else {
            fault(name, "invalid", "\(name) may have a–z, 0–9 and single hyphens between them.")
            return nil
        }
        return slug
    }
}
