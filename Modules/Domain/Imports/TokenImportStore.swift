/// What an import needs of the database; every call sees one tenant only, and never a hash.
package protocol TokenImportStore: Sendable {
    /// What decisions about an import rest on: the tenant's prefix, and who of `owners` is there.
    func ground(of owners: [SubjectID], in tenant: TenantID) async throws -> ImportGround

    /// Stores all of these or none, each with an audit entry like `audit` of its own; answers what stands against it, by position.
    ///
    /// Throws ``ErrorCode/forbidden`` if `maker` no longer stands as the decision supposed, or the prefix was withdrawn.
    func insert(_ tokens: [ImportedToken], under prefix: String, by maker: Standing, _ audit: AuditEntry) async throws -> [ImportConflict]
}

/// How a tenant stands when tokens are imported.
package struct ImportGround: Sendable {
    /// What the platform granted it.
    package let prefix: ForeignPrefix?
    /// Members, and service accounts that are active.
    package let owners: [SubjectID: Owner]

    package init(prefix: ForeignPrefix?, owners: [SubjectID: Owner]) {
        self.prefix = prefix
        self.owners = owners
    }

    /// Somebody who may own tokens.
    package struct Owner: Sendable {
        package let name: String
        package let role: Role

        package init(name: String, role: Role) {
            self.name = name
            self.role = role
        }
    }
}

/// A token as it is stored, and what its owner was when that was decided.
package struct ImportedToken: Sendable {
    package let token: APIToken
    package let hash: HashedToken
    package let role: Role

    package init(token: APIToken, hash: HashedToken, role: Role) {
        self.token = token
        self.hash = hash
        self.role = role
    }
}

/// What the database has against one token of an import.
package struct ImportConflict: Sendable {
    /// From 0 on.
    package let index: Int
    package let kind: Kind

    package init(index: Int, kind: Kind) {
        self.index = index
        self.kind = kind
    }

    package enum Kind: String, Sendable {
        /// The owner isn't there any more, or has another role.
        case owner
        case name, hash
        /// The owner would have more than ``TokenBounds/perOwner``.
        case limit
    }
}
