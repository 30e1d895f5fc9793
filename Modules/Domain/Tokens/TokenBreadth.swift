package import FoundationEssentials

/// How far a token reaches: what the order of tokens is about (API.md, "Order").
package struct TokenBreadth: Sendable {
    package let scopes: [Scope]
    /// nil: for ever.
    package let expiresAt: Date?
    /// From where it may be used; none: from anywhere.
    package let networks: [CIDR]
    /// nil: only what limits all tokens.
    package let rateLimit: TokenRate?

    package init(scopes: [Scope], expiresAt: Date?, networks: [CIDR] = [], rateLimit: TokenRate? = nil) {
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.networks = networks
        self.rateLimit = rateLimit
    }

    /// Whether a token like `other` reaches no further than one like this: a token acting on tokens may make or set no other.
    package func covers(_ other: TokenBreadth) -> Bool {
        other.scopes.isWithin(scopes) && other.isEndedBy(expiresAt) && other.isInside(networks) && other.isSlower(than: rateLimit)
    }

    /// Whether making one takes a session whose password was just given: it has no end, or the scope admin.
    package var takesFreshSession: Bool { expiresAt == nil || scopes.contains(.coarse(.admin)) }

    private func isEndedBy(_ end: Date?) -> Bool {
        guard let end else { return true }
        return expiresAt.map { $0 <= end } ?? false
    }

    private func isInside(_ outer: [CIDR]) -> Bool {
        if outer.isEmpty { return true }
        return !networks.isEmpty && networks.allSatisfy { inner in outer.contains { $0.contains(inner) } }
    }

    private func isSlower(than limit: TokenRate?) -> Bool {
        guard let limit else { return true }
        return rateLimit.map { $0.isWithin(limit) } ?? false
    }
}

/// A token's own limit: so many requests in so many seconds.
package struct TokenRate: Hashable, Sendable {
    package let requests: Int
    package let windowSeconds: Int

    package static let requestBounds = 1...1_000_000
    package static let windowBounds = 1...86_400

    package init(requests: Int, windowSeconds: Int) {
        self.requests = requests
        self.windowSeconds = windowSeconds
    }

    /// Whether it allows no more at once than `other`, and no more in the long run.
    package func isWithin(_ other: TokenRate) -> Bool {
        requests <= other.requests && requests * other.windowSeconds <= other.requests * windowSeconds
    }
}
