package import FoundationEssentials

/// A person in a tenant.
package struct Member: Sendable {
    package let user: UserID
    package let email: String
    package let name: String
    package let role: Role
    package let joinedAt: Date

    package init(user: UserID, email: String, name: String, role: Role, joinedAt: Date) {
        self.user = user
        self.email = email
        self.name = name
        self.role = role
        self.joinedAt = joinedAt
    }
}
