package import FoundationEssentials

/// What a caller asks for when creating a token; the bounds are checked where it is read.
package struct TokenDraft: Sendable {
    package let name: String
    package let description: String?
    /// nil: the default, `read`.
    package let scopes: [Scope]?
    package let expiry: Expiry
    package let networks: [CIDR]
    package let rateLimit: TokenRate?
    package let metadata: [UInt8]
    /// nil: the token is the caller's own.
    package let serviceAccount: ServiceAccountID?

    package init(
        name: String, description: String?, scopes: [Scope]?, expiry: Expiry, networks: [CIDR] = [], rateLimit: TokenRate? = nil,
        metadata: [UInt8], serviceAccount: ServiceAccountID? = nil
    ) {
        self.name = name
        self.description = description
        self.scopes = scopes
        self.expiry = expiry
        self.networks = networks
        self.rateLimit = rateLimit
        self.metadata = metadata
        self.serviceAccount = serviceAccount
    }

    package enum Expiry: Sendable {
        case never
        case at(Date)
        case inDays(Int)

        /// The end of a token that is made at `time`; nil: none. Throws ``ErrorCode/validationFailed`` for one that is over, or too far off.
        package func end(at time: Date) throws(Refusal) -> Date? {
            switch self {
            case .never: return nil
            case .inDays(let days): return time.addingTimeInterval(Double(days) * 86_400)
            case .at(let date):
                guard date > time, date <= TokenBounds.latestExpiry else {
                    throw .invalid([FieldFault("/expiresAt", "out_of_range", "expiresAt must be in the future and before the year 9001.")])
                }
                return date.microseconds
            }
        }
    }
}

/// What a caller asks to change; nil members stay, `.some(nil)` clears.
package struct TokenChange: Sendable {
    package var name: String?
    package var description: String??
    package var isActive: Bool?
    package var metadata: [UInt8]?
    package var scopes: [Scope]?
    package var expiresAt: Date??
    package var networks: [CIDR]?
    package var rateLimit: TokenRate??

    package init(name: String? = nil, description: String?? = nil, isActive: Bool? = nil, metadata: [UInt8]? = nil) {
        self.name = name
        self.description = description
        self.isActive = isActive
        self.metadata = metadata
    }

    /// How far a token reaches that reached as far as `breadth`.
    package func applied(to breadth: TokenBreadth) -> TokenBreadth {
        TokenBreadth(
            scopes: scopes ?? breadth.scopes, expiresAt: expiresAt ?? breadth.expiresAt, networks: networks ?? breadth.networks,
            rateLimit: rateLimit ?? breadth.rateLimit)
    }

    /// Whether it sets how far the token reaches.
    package var setsBreadth: Bool { scopes != nil || expiresAt != nil || networks != nil || rateLimit != nil }
}
