import HTTPTypes

extension HTTPField.Name {
    static let xRequestID = HTTPField.Name.known("X-Request-Id")
    static let traceparent = HTTPField.Name.known("traceparent")
    static let rateLimit = HTTPField.Name.known("RateLimit")
    static let rateLimitPolicy = HTTPField.Name.known("RateLimit-Policy")
    static let idempotencyKey = HTTPField.Name.known("Idempotency-Key")
    static let idempotentReplayed = HTTPField.Name.known("Idempotent-Replayed")
    static let deprecation = HTTPField.Name.known("Deprecation")
    static let sunset = HTTPField.Name.known("Sunset")
    static let link = HTTPField.Name.known("Link")
    static let xForwardedFor = HTTPField.Name.known("X-Forwarded-For")
    static let xTokenExpiresAt = HTTPField.Name.known("X-Token-Expires-At")
    static let xOriginalMethod = HTTPField.Name.known("X-Original-Method")
    static let xOriginalURI = HTTPField.Name.known("X-Original-URI")
    static let xForwardedMethod = HTTPField.Name.known("X-Forwarded-Method")
    static let xForwardedURI = HTTPField.Name.known("X-Forwarded-Uri")
    static let xTesseraTenant = HTTPField.Name.known("X-Tessera-Tenant")
    static let xTesseraUser = HTTPField.Name.known("X-Tessera-User")
    static let xTesseraRole = HTTPField.Name.known("X-Tessera-Role")
    static let xTesseraScopes = HTTPField.Name.known("X-Tessera-Scopes")
    static let xTesseraTokenID = HTTPField.Name.known("X-Tessera-Token-Id")
    static let xTesseraCode = HTTPField.Name.known("X-Tessera-Code")
    static let secFetchSite = HTTPField.Name.known("Sec-Fetch-Site")
    static let referrerPolicy = HTTPField.Name.known("Referrer-Policy")
}

extension HTTPField.Name {
    /// A name that is spelled in this source, and so is a valid one.
    private static func known(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .referer }
}
