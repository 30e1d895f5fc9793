/// An API token, one of whose secrets was shown, whatever its state.
package struct ProvenToken: Sendable {
    package let tenant: TenantID
    package let id: TokenID
    package let secret: TokenSecret

    package init(tenant: TenantID, id: TokenID, secret: TokenSecret) {
        self.tenant = tenant
        self.id = id
        self.secret = secret
    }
}

/// Which of a token's secrets was shown.
package enum TokenSecret: Sendable {
    case current
    /// Replaced, and taken until its overlap ends.
    case replaced
    /// Replaced, and taken no more.
    case ended
}
