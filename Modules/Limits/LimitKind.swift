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

    /// Whether a node that counts alone grants only half of its share: what is guessed or made at such a limit can't be taken back.
    var isStrictAlone: Bool {
        switch self {
        case .register, .reset, .login, .loginAddress: true
        case .address, .report, .refresh, .token, .user, .tenant: false
        }
    }
}
