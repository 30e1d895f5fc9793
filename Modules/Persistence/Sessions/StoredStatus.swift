import Domain

extension User.Status {
    /// What isn't known to be active is not.
    init(stored: String) { self = Self(rawValue: stored) ?? .disabled }
}

extension Tenant.Status {
    /// What isn't known to be active or suspended counts as gone.
    init(stored: String) { self = Self(rawValue: stored) ?? .deleted }
}
