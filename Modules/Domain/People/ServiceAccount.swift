package import FoundationEssentials

/// Something that acts in a tenant on nobody's behalf, such as a build server: it has a role and owns tokens, and can't log in.
package struct ServiceAccount: Sendable {
    package let id: ServiceAccountID
    package let tenant: TenantID
    package let name: String
    package let role: Role
    package let status: Status
    package let createdBy: UserID
    package let createdAt: Date
    package let updatedAt: Date
    /// The version of what can be set.
    package let version: Int

    package init(
        id: ServiceAccountID, tenant: TenantID, name: String, role: Role, status: Status, createdBy: UserID, createdAt: Date,
        updatedAt: Date, version: Int
    ) {
        self.id = id
        self.tenant = tenant
        self.name = name
        self.role = role
        self.status = status
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }

    package enum Status: String, Sendable, CaseIterable { case active, disabled, deleted }
}
