package import FoundationEssentials

/// A service of the platform's own that may ask about tokens of every tenant.
package struct Introspector: Sendable {
    package let id: IntrospectorID
    package let name: String
    package let createdAt: Date
    /// nil: it may ask.
    package let revokedAt: Date?

    package init(id: IntrospectorID, name: String, createdAt: Date, revokedAt: Date? = nil) {
        self.id = id
        self.name = name
        self.createdAt = createdAt
        self.revokedAt = revokedAt
    }

    /// Unicode scalars of a name.
    package static let nameBounds = 1...100
}

/// What became of a revocation.
package enum IntrospectorEnding: Sendable {
    case revoked, revokedBefore, unknown
}

/// Introspectors as an operator manages them. Each change is stored with its audit entry, in the platform's log.
package protocol IntrospectorStore: Sendable {
    func insert(_ introspector: Introspector, hash: HashedToken, _ audit: AuditEntry) async throws
    /// All there ever were, the newest first.
    func introspectors() async throws -> [Introspector]
    /// Revokes for good, at the entry's time.
    func revoke(_ id: IntrospectorID, _ audit: AuditEntry) async throws -> IntrospectorEnding
}
