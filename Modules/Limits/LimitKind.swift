/// What a limit counts.
package enum LimitKind: String, CaseIterable, Hashable, Sendable {
    /// Requests of an address, before authentication.
    case address
    /// Registrations, password resets, leak reports of an address.
    case register, reset, report
    /// Logins to an account, and from an address.
    case login, loginAddress
    /// Session renewals of an address.
    case refresh
    /// Authenticated requests of a token, of a user, in a tenant.
    case token, user, tenant
}
