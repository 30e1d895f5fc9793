package import Domain

/// Who may call a route.
package enum Access: Sendable, Hashable {
    /// Anyone.
    case open
    /// Any proven credential.
    case credential
    /// A session, not an API token.
    case session
    /// Whoever has that permission.
    case permission(Permission)

    /// Throws ``Refusal`` unless `principal` may.
    func check(_ principal: Principal) throws(Refusal) {
        switch self {
        case .open, .credential: return
        case .session:
            guard principal.session != nil else {
                throw Refusal(.sessionRequired, "This takes a session: an API token can't do it, whatever its scopes.")
            }
        case .permission(let permission): try principal.require(permission)
        }
    }
}
