package import FoundationEssentials

/// A credential that a person gives to a program. Its secret is shown once; what is kept is a hash.
package struct APIToken: Sendable {
    package let id: TokenID
    package let tenant: TenantID
    package let owner: Owner
    package let name: String
    package let description: String?
    /// What people see of the token, e.g. `tsr_4fK9xQ2b`.
    package let prefix: String
    package let breadth: TokenBreadth
    package let isActive: Bool
    package let createdAt: Date
    package let createdBy: Maker?
    package let updatedAt: Date
    package let parent: TokenID?
    package let revocation: Revocation?
    /// When it was reported to be where it doesn't belong.
    package let exposedAt: Date?
    /// The latest rotation, over or not.
    package let rotation: Rotation?
    package let activity: Activity?
    /// A JSON object of the caller's own, as UTF-8.
    package let metadata: [UInt8]
    /// The version of what can be set; use doesn't move it.
    package let version: Int

    package init(
        id: TokenID, tenant: TenantID, owner: Owner, name: String, description: String?, prefix: String, breadth: TokenBreadth,
        isActive: Bool, createdAt: Date, createdBy: Maker?, updatedAt: Date, parent: TokenID?, revocation: Revocation?,
        exposedAt: Date? = nil, rotation: Rotation? = nil, activity: Activity?, metadata: [UInt8], version: Int
    ) {
        self.id = id
        self.tenant = tenant
        self.owner = owner
        self.name = name
        self.description = description
        self.prefix = prefix
        self.breadth = breadth
        self.isActive = isActive
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.updatedAt = updatedAt
        self.parent = parent
        self.revocation = revocation
        self.exposedAt = exposedAt
        self.rotation = rotation
        self.activity = activity
        self.metadata = metadata
        self.version = version
    }

    /// Whose permissions the token never passes.
    package struct Owner: Sendable {
        package let id: SubjectID
        package let name: String

        package init(id: SubjectID, name: String) {
            self.id = id
            self.name = name
        }
    }

    /// The person who made the token.
    package struct Maker: Sendable {
        package let id: UserID
        package let name: String

        package init(id: UserID, name: String) {
            self.id = id
            self.name = name
        }
    }

    package struct Revocation: Sendable {
        package let at: Date
        package let reason: String?

        package init(at: Date, reason: String?) {
            self.at = at
            self.reason = reason
        }
    }

    /// A secret was replaced, and may be taken until an overlap ends.
    package struct Rotation: Sendable {
        package let startedAt: Date
        package let overlapEndsAt: Date
        /// The replaced secret's latest use.
        package let oldSecretLastUsedAt: Date?

        package init(startedAt: Date, overlapEndsAt: Date, oldSecretLastUsedAt: Date?) {
            self.startedAt = startedAt
            self.overlapEndsAt = overlapEndsAt
            self.oldSecretLastUsedAt = oldSecretLastUsedAt
        }
    }

    /// The rotation whose replaced secret is still taken.
    package func overlap(at now: Date) -> Rotation? { rotation.flatMap { $0.overlapEndsAt > now ? $0 : nil } }

    /// The latest use, written in batches a moment after it.
    package struct Activity: Sendable {
        package let lastUsedAt: Date
        package let ipAddress: IPAddress?
        package let userAgent: String?
        /// Where it was used from, the latest first, at most ten: /24 of IPv4, /48 of IPv6.
        package let networks: [CIDR]

        package init(lastUsedAt: Date, ipAddress: IPAddress?, userAgent: String?, networks: [CIDR] = []) {
            self.lastUsedAt = lastUsedAt
            self.ipAddress = ipAddress
            self.userAgent = userAgent
            self.networks = networks
        }
    }

    package enum Status: String, Sendable, CaseIterable { case active, inactive, expired, revoked }

    /// Revoked before expired before inactive: the word that needs no other to explain why the token is refused.
    package func status(at now: Date) -> Status {
        if revocation != nil { return .revoked }
        if let expiresAt = breadth.expiresAt, expiresAt <= now { return .expired }
        return isActive ? .active : .inactive
    }
}
