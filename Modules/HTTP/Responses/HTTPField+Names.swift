import HTTPTypes

extension HTTPField.Name {
    static let xRequestID = HTTPField.Name.known("X-Request-Id")
    static let traceparent = HTTPField.Name.known("traceparent")
    static let rateLimit = HTTPField.Name.known("RateLimit")
    static let rateLimitPolicy = HTTPField.Name.known("RateLimit-Policy")
    static let link = HTTPField.Name.known("Link")
    static let xForwardedFor = HTTPField.Name.known("X-Forwarded-For")
    static let xTokenExpiresAt = HTTPField.Name.known("X-Token-Expires-At")
    static let secFetchSite = HTTPField.Name.known("Sec-Fetch-Site")
    static let referrerPolicy = HTTPField.Name.known("Referrer-Policy")
}

extension HTTPField.Name {
    /// A name that is spelled in this source, and so is a valid one.
    private static func known(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .referer }
}
