package import FoundationEssentials

/// API tokens as the database keeps them; every call sees one tenant only, and never a hash. Each change is stored with its audit
/// entry, whose time is the change's.
package protocol TokenStore: Sendable {
    /// Stores a token, while `maker` and the service account it is for, if any, still stand as the decision supposed.
    ///
    /// Throws ``ErrorCode/forbidden`` if they don't, ``ErrorCode/nameTaken``, or ``ErrorCode/tokenLimitReached`` at
    /// ``TokenBounds/perOwner``.
    func insert(_ token: APIToken, hash: HashedToken, by maker: Standing, for account: ServiceAccount?, _ audit: AuditEntry) async throws

    func token(_ id: TokenID, in tenant: TenantID) async throws -> APIToken?

    /// - Parameter countingRequests: also counts each token's requests of the last day, in the same round trip.
    func tokens(in tenant: TenantID, _ filter: TokenFilter, _ page: PageRequest, countingRequests: Bool, at now: Date) async throws
        -> TokenListing

    /// Applies `change` if the token still has `version` and is not revoked; nil otherwise. Throws ``ErrorCode/nameTaken``.
    func update(
        _ id: TokenID, in tenant: TenantID, _ change: TokenChange, ifVersion version: Int, _ audit: AuditEntry
    ) async throws -> APIToken?

    /// Gives `token` another secret, if it is still as it was read; the one it had is taken until `end`. False otherwise.
    ///
    /// - Parameters:
    ///   - prefix: what people see of the new one.
    ///   - person: who sees all of it; nil where the token rotates itself.
    func rotate(
        _ token: APIToken, to hash: HashedToken, shownAs prefix: String, seenBy person: UserID?, overlapEndsAt end: Date, _ audit: AuditEntry
    ) async throws -> Bool

    /// Ends the overlap that is in progress at the entry's time. nil: no such token.
    func finishRotation(of id: TokenID, in tenant: TenantID, _ audit: AuditEntry) async throws -> APIToken?

    /// Revokes for good; an already revoked token stays as it was. nil: no such token for `actor`.
    func revoke(_ id: TokenID, in tenant: TenantID, by actor: TokenActor, reason: String?, _ audit: AuditEntry) async throws -> TokenEnding?

    /// The tokens of a selection that are not revoked, the oldest first.
    func tokens(selected selection: TokenSelection, in tenant: TenantID, at now: Date) async throws -> [TokenID]

    /// Revokes those of `ids` that aren't yet, each with an audit entry like `audit` of its own. Answers which.
    func revoke(_ ids: [TokenID], in tenant: TenantID, reason: String, _ audit: AuditEntry) async throws -> [TokenID]

    /// Revokes, clears the hash and leaves a tombstone. False: no such token for `actor`.
    func delete(_ id: TokenID, in tenant: TenantID, by actor: TokenActor, _ audit: AuditEntry) async throws -> Bool
}

/// On whose tokens a change may act.
package struct TokenActor: Sendable {
    package let id: SubjectID
    /// Others' tokens too.
    package let mayActOnAll: Bool

    package init(id: SubjectID, mayActOnAll: Bool) {
        self.id = id
        self.mayActOnAll = mayActOnAll
    }
}

/// A revoked token, and whether this call revoked it.
package struct TokenEnding: Sendable {
    package let token: APIToken
    package let isNew: Bool

    package init(token: APIToken, isNew: Bool) {
        self.token = token
        self.isNew = isNew
    }
}

/// What makes a token worth a look; a list shows those that have all that is asked for.
package struct TokenRisks: Sendable {
    package var neverExpires = false
    /// Not used for so many days, nor made since; nil: whenever.
    package var idleDays: Int?
    package var isExposed = false
    /// Some of its scopes could go or be narrower, and it would still reach all that it needed lately (``ScopeJudgement``).
    package var isOverScoped = false

    package static let idleBounds = 1...400

    package init() {}
}

/// Which tokens a list shows.
package struct TokenFilter: Sendable {
    /// nil: all owners.
    package var owner: SubjectID?
    package var status: APIToken.Status?
    /// Part of the name or the visible prefix, in any case.
    package var search: String?
    /// Only live tokens of service accounts whose secret somebody saw who has gone since, or is no admin any more, and may still know it.
    package var makerLeft = false
    package var risks = TokenRisks()
    package var order: Order

    package enum Order: String, Sendable {
        case newestFirst = "-createdAt"
        case oldestFirst = "createdAt"
    }

    package init(owner: SubjectID? = nil, status: APIToken.Status? = nil, search: String? = nil, order: Order = .newestFirst) {
        self.owner = owner
        self.status = status
        self.search = search
        self.order = order
    }
}
