package import FoundationEssentials

/// Who is asking, proven: the same for a session and for an API token.
package struct Principal: Sendable {
    package let tenant: Tenant.Reference
    /// On whose behalf the request is made.
    package let subject: Subject
    /// The subject's role in the tenant at this moment.
    package let role: Role
    package let credential: Credential
    /// What this credential may do now: for a token, what its scopes imply ∩ what the role allows.
    package let permissions: PermissionSet
    /// Which of them the request took so far.
    package let exercised = ExercisedPermissions()

    package init(tenant: Tenant.Reference, subject: Subject, role: Role, credential: Credential) {
        self.tenant = tenant
        self.subject = subject
        self.role = role
        self.credential = credential
        let ceiling = PermissionTable.permissions(of: role)
        permissions =
            switch credential {
            case .session: ceiling
            case .apiToken(let token): ceiling.intersection(token.permissions)
            }
    }

    /// Throws ``ErrorCode/insufficientScope`` or ``ErrorCode/forbidden`` unless this principal has `permission`.
    package func require(_ permission: Permission) throws(Refusal) {
        if exercises(permission) { return }
        guard PermissionTable.permissions(of: role).contains(permission) else {
            throw .forbidden("The role \(role.rawValue) doesn't include \(permission.rawValue).")
        }
        let scope = PermissionTable.scope(giving: permission)?.rawValue ?? permission.rawValue
        throw Refusal(
            .insufficientScope, "This token lacks the scope for \(permission.rawValue); \(scope) includes it.", requiredScope: scope)
    }
}

/// What proved the principal.
package enum Credential: Sendable {
    case session(SessionProof)
    case apiToken(TokenProof)
}

/// A live session, as far as decisions need it.
package struct SessionProof: Sendable {
    package let id: SessionID
    /// When the password was last given.
    package let authenticatedAt: Date
    package let isPlatformAdmin: Bool

    package init(id: SessionID, authenticatedAt: Date, isPlatformAdmin: Bool) {
        self.id = id
        self.authenticatedAt = authenticatedAt
        self.isPlatformAdmin = isPlatformAdmin
    }

    /// How long after the password was given a session counts as fresh.
    package static let freshness: TimeInterval = 15 * 60

    package func isFresh(at now: Date) -> Bool { now.timeIntervalSince(authenticatedAt) <= Self.freshness }
}

/// A live API token, as far as decisions need it.
package struct TokenProof: Sendable {
    package let id: TokenID
    package let breadth: TokenBreadth
    package let secret: TokenSecret
    /// What the tenant's policy leaves tokens of the owner's role; nil: all that the role has.
    package let ceiling: [Scope]?
    /// When the token was made; nil where nobody asks.
    package let issuedAt: Date?

    package init(
        id: TokenID, breadth: TokenBreadth, secret: TokenSecret = .current, ceiling: [Scope]? = nil, issuedAt: Date? = nil
    ) {
        self.ceiling = ceiling
        self.issuedAt = issuedAt
        self.id = id
        self.breadth = breadth
        self.secret = secret
    }

    package var scopes: [Scope] { breadth.scopes }

    /// What its scopes imply and the tenant's policy leaves.
    package var permissions: PermissionSet {
        let implied = scopes.permissions
        return ceiling.map { implied.intersection($0.permissions) } ?? implied
    }
}

extension Principal {
    /// The token that proved this principal; nil for a session.
    package var token: TokenProof? {
        if case .apiToken(let proof) = credential { proof } else { nil }
    }

    /// The session that proved this principal; nil for a token.
    package var session: SessionProof? {
        if case .session(let proof) = credential { proof } else { nil }
    }
}
