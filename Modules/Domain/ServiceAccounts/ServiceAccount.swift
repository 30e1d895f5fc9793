package import FoundationEssentials

/// An owner of tokens that is nobody: for integrations that outlast the people who set them up.
package struct ServiceAccount: Sendable {
    package let reference: Reference
    package let tenant: TenantID
    package let role: Role
    package let status: Status
    package let createdBy: UserID
    package let createdAt: Date
    package let updatedAt: Date
    /// The version of what can be set.
    package let version: Int

    package init(
        reference: Reference, tenant: TenantID, role: Role, status: Status, createdBy: UserID, createdAt: Date, updatedAt: Date, version: Int
    ) {
        self.reference = reference
        self.tenant = tenant
        self.role = role
        self.status = status
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }

    /// How a service account is named in answers.
    package struct Reference: Sendable {
        package let id: ServiceAccountID
        package let name: String

        package init(id: ServiceAccountID, name: String) {
            self.id = id
            self.name = name
        }
    }

    /// The tokens of a disabled one are refused, and work again when it is active again.
    package enum Status: String, Sendable, CaseIterable { case active, disabled }

    /// Throws ``ErrorCode/forbidden`` if the account's role is above that of `principal`.
    func requireReach(of principal: Principal) throws(Refusal) {
        guard role <= principal.role else { throw .forbidden("A service account whose role is above your own is out of your reach.") }
    }

    /// Unicode scalars of a name after trimming.
    package static let nameBounds = 1...100
}

/// What is asked to change; nil members stay.
package struct ServiceAccountChange: Sendable {
    package var name: String?
    package var role: Role?
    package var status: ServiceAccount.Status?

    package init(name: String? = nil, role: Role? = nil, status: ServiceAccount.Status? = nil) {
        self.name = name
        self.role = role
        self.status = status
    }
}
