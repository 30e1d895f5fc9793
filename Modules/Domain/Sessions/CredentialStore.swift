package import FoundationEssentials

/// What a presented credential is worth at this moment: one statement on the primary for each question.
package protocol CredentialStore: Sendable {
    /// The token under that id, whatever its state; nil if there is none or it was deleted.
    func token(_ id: TokenID, of kind: TokenKind, in tenant: TenantID) async throws -> StoredToken?

    /// The token that was imported with that hash, whatever its state, while its tenant has that prefix; nil if there is none or it was
    /// deleted.
    func importedToken(_ hash: HashedToken, under prefix: String, in tenant: TenantID) async throws -> StoredToken?

    /// Until when a secret that the token had earlier is taken; nil: it never had that one.
    func earlierSecret(_ hash: HashedToken, of token: TokenID, in tenant: TenantID) async throws -> Date?

    /// The hash of that introspector's secret; nil if there is none, or it was revoked.
    func introspector(_ id: IntrospectorID) async throws -> HashedToken?

    /// The session with its person and, where a tenant is named, their membership there; nil if any of them is missing.
    func session(_ id: SessionID, of user: UserID, in tenant: TenantID?) async throws -> StoredSession?
}

/// Whose a token is, as its prefix says: `tsr_` or `tss_`.
package enum TokenKind: Sendable, CaseIterable {
    case user, serviceAccount
}

/// An API token with all that its verification asks.
package struct StoredToken: Sendable {
    package let id: TokenID
    package let hash: HashedToken
    package let breadth: TokenBreadth
    package let facts: TokenFacts
    /// nil: the tenant has none.
    package let policy: TokenPolicy?
    package let isActive: Bool
    package let isRevoked: Bool
    package let tenant: Tenant.Reference
    package let tenantStatus: Tenant.Status
    package let owner: Subject
    package let isOwnerActive: Bool
    /// nil: the owner is no longer a member, or no longer there.
    package let role: Role?

    package init(
        id: TokenID, hash: HashedToken, breadth: TokenBreadth, facts: TokenFacts, policy: TokenPolicy?, isActive: Bool,
        isRevoked: Bool, tenant: Tenant.Reference,
        tenantStatus: Tenant.Status, owner: Subject, isOwnerActive: Bool, role: Role?
    ) {
        self.id = id
        self.hash = hash
        self.breadth = breadth
        self.facts = facts
        self.policy = policy
        self.isActive = isActive
        self.isRevoked = isRevoked
        self.tenant = tenant
        self.tenantStatus = tenantStatus
        self.owner = owner
        self.isOwnerActive = isOwnerActive
        self.role = role
    }
}

/// A session with all that its verification asks.
package struct StoredSession: Sendable {
    package let authenticatedAt: Date
    package let expiresAt: Date
    package let isRevoked: Bool
    package let user: User.Profile
    package let userStatus: User.Status
    package let isPlatformAdmin: Bool
    /// nil: in no tenant.
    package let membership: Membership?

    package init(
        authenticatedAt: Date, expiresAt: Date, isRevoked: Bool, user: User.Profile, userStatus: User.Status, isPlatformAdmin: Bool,
        membership: Membership?
    ) {
        self.authenticatedAt = authenticatedAt
        self.expiresAt = expiresAt
        self.isRevoked = isRevoked
        self.user = user
        self.userStatus = userStatus
        self.isPlatformAdmin = isPlatformAdmin
        self.membership = membership
    }
}
