/// A person with an account; may be a member of many tenants.
package enum User {
    /// What others may see of a person, and what `/me` tells.
    package struct Profile: Sendable {
        package let id: UserID
        package let email: String
        package let name: String
        package let emailVerified: Bool

        package init(id: UserID, email: String, name: String, emailVerified: Bool) {
            self.id = id
            self.email = email
            self.name = name
            self.emailVerified = emailVerified
        }
    }

    package enum Status: String, Sendable, CaseIterable { case active, disabled }
}
