package import FoundationEssentials

/// What a tenant demands of its tokens, old ones too: it is judged at every use.
package struct TokenPolicy: Hashable, Sendable {
    /// How long a token may live from its creation, in days.
    package var maxLifetimeDays: Int?
    /// Whether a token must have an end.
    package var requireExpiry: Bool
    /// What tokens of a role may carry at most; a role that isn't here: all that the role may.
    package var allowedScopesByRole: [Role: [Scope]]
    /// From where tokens may be used, beside their own networks; none: from anywhere.
    package var networks: [CIDR]
    /// After how many days without use a token is taken no more.
    package var idleDays: Int?
    package var onExposure: Reaction
    package var onReuse: Reaction

    package init(
        maxLifetimeDays: Int? = nil, requireExpiry: Bool = false, allowedScopesByRole: [Role: [Scope]] = [:], networks: [CIDR] = [],
        idleDays: Int? = nil, onExposure: Reaction = .revoke, onReuse: Reaction = .notify
    ) {
        self.maxLifetimeDays = maxLifetimeDays
        self.requireExpiry = requireExpiry
        self.allowedScopesByRole = allowedScopesByRole
        self.networks = networks
        self.idleDays = idleDays
        self.onExposure = onExposure
        self.onReuse = onReuse
    }

    /// What happens to a token that was seen where it doesn't belong, or whose ended secret is used.
    package enum Reaction: String, Sendable, CaseIterable { case revoke, deactivate, notify }

    package static let lifetimeBounds = 1...3650
    package static let idleBounds = 1...3650

    /// What may not be said of a token.
    package enum Violation: String, Sendable, CaseIterable {
        case tooOld = "max_lifetime"
        case neverExpires = "never_expires"
        case idle
        /// It carries more than its owner's role may have in tokens.
        case overScoped = "over_scoped"
    }

    /// Why a token is no longer taken; scopes only narrow what it may.
    package func violations(of token: TokenFacts, at now: Date) -> [Violation] {
        var violations: [Violation] = []
        if let maxLifetimeDays, now.timeIntervalSince(token.createdAt) >= Double(maxLifetimeDays) * Self.day { violations.append(.tooOld) }
        if requireExpiry, token.expiresAt == nil { violations.append(.neverExpires) }
        if let idleDays, now.timeIntervalSince(token.lastUsedAt ?? token.createdAt) >= Double(idleDays) * Self.day { violations.append(.idle) }
        return violations
    }

    /// What a token may do at most when its owner has `role`; nil: all that the role may.
    package func ceiling(of role: Role) -> [Scope]? { allowedScopesByRole[role] }

    /// The latest end that a token made at `time` may have.
    package func latestExpiry(of time: Date) -> Date? { maxLifetimeDays.map { time.addingTimeInterval(Double($0) * Self.day) } }

    /// Throws ``Refusal`` unless a token made then, for somebody with `role`, may reach that far.
    package func check(_ breadth: TokenBreadth, madeAt time: Date, of role: Role) throws(Refusal) {
        if let ceiling = ceiling(of: role), !breadth.scopes.isWithin(ceiling) {
            let names = ceiling.map(\.description).joined(separator: ", ")
            throw .forbidden(
                "The tenant's token policy leaves tokens of the role \(role.rawValue) \(names.isEmpty ? "no scope" : "at most \(names)").")
        }
        if requireExpiry, breadth.expiresAt == nil {
            throw .invalid([FieldFault("/expiresAt", "required", "The tenant's token policy asks for an end: give expiresAt or expiresInDays.")])
        }
        if let latest = latestExpiry(of: time), let end = breadth.expiresAt, end > latest {
            throw .invalid([FieldFault("/expiresAt", "out_of_range", "The tenant's token policy lets a token live until \(RFC3339.format(latest)).")])
        }
    }

    private static let day: TimeInterval = 86_400
}

/// What a policy judges a token by.
package struct TokenFacts: Sendable {
    package let createdAt: Date
    package let expiresAt: Date?
    package let lastUsedAt: Date?

    package init(createdAt: Date, expiresAt: Date?, lastUsedAt: Date?) {
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
    }
}

extension APIToken {
    package var facts: TokenFacts { TokenFacts(createdAt: createdAt, expiresAt: breadth.expiresAt, lastUsedAt: activity?.lastUsedAt) }
}
