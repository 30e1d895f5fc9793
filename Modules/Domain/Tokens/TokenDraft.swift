package import FoundationEssentials

/// What a caller asks for when creating a token; the bounds are checked where it is read.
package struct TokenDraft: Sendable {
    package let name: String
    package let description: String?
    /// nil: the default, `read`.
    package let scopes: [Scope]?
    package let expiry: Expiry
    package let metadata: [UInt8]
    /// nil: the token is the caller's own.
    package let serviceAccount: ServiceAccountID?

    package init(
        name: String, description: String?, scopes: [Scope]?, expiry: Expiry, metadata: [UInt8], serviceAccount: ServiceAccountID? = nil
    ) {
        self.name = name
        self.description = description
        self.scopes = scopes
        self.expiry = expiry
        self.metadata = metadata
        self.serviceAccount = serviceAccount
    }

    package enum Expiry: Sendable {
        case never
        case at(Date)
        case inDays(Int)
    }
}

/// What a caller asks to change; nil members stay.
package struct TokenChange: Sendable {
    package var name: String?
    /// `.some(nil)` clears it.
    package var description: String??
    package var isActive: Bool?
    package var metadata: [UInt8]?

    package init(name: String? = nil, description: String?? = nil, isActive: Bool? = nil, metadata: [UInt8]? = nil) {
        self.name = name
        self.description = description
        self.isActive = isActive
        self.metadata = metadata
    }
}
