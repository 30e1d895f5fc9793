package import FoundationEssentials

/// A customer: the wall around members, tokens and usage.
package struct Tenant: Sendable {
    package let reference: Reference
    package let status: Status
    package let createdAt: Date
    /// The version of what can be set.
    package let version: Int

    package init(reference: Reference, status: Status, createdAt: Date, version: Int) {
        self.reference = reference
        self.status = status
        self.createdAt = createdAt
        self.version = version
    }

    package enum Status: String, Sendable { case active, suspended, deleted }

    /// How a tenant is named in answers.
    package struct Reference: Sendable {
        package let id: TenantID
        package let slug: String
        package let name: String

        package init(id: TenantID, slug: String, name: String) {
            self.id = id
            self.slug = slug
            self.name = name
        }
    }
}
