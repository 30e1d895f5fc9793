package import FoundationEssentials

/// What makes a request one that was sent before: who asks, for what, under which key of their own.
package struct IdempotencyKey: Hashable, Sendable {
    /// The tenant that is acted in; ``TenantID/platform`` for what a person asks for outside of any.
    package let tenant: TenantID
    /// The session or the API token that asks.
    package let credential: UUID
    /// Method and path, e.g. `POST /api/v1/tokens`.
    package let route: String
    /// The caller's own, 1–255 characters of ASCII.
    package let text: String

    package init(tenant: TenantID, credential: UUID, route: String, text: String) {
        self.tenant = tenant
        self.credential = credential
        self.route = route
        self.text = text
    }
}

/// A request that was sent under a key.
package struct IdempotentRequest: Sendable {
    package let key: IdempotencyKey
    /// 32 bytes that tell its body from another's, and don't tell the body.
    package let fingerprint: [UInt8]

    package init(key: IdempotencyKey, fingerprint: [UInt8]) {
        self.key = key
        self.fingerprint = fingerprint
    }
}
