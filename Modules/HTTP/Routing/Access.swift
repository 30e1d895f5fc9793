package import Domain
import FoundationEssentials

/// Who may call a route.
package enum Access: Sendable, Hashable {
    /// Anyone.
    case open
    /// Any proven credential.
    case credential
    /// A session, not an API token.
    case session
    /// A session of somebody with that role or a higher one; a fresh one has had the password given in the last 15 minutes.
    case sessionRole(Role, fresh: Bool = false)
    /// Whoever has that permission.
    case permission(Permission)
    /// Any session, for what is the person's own, or whoever has that permission: the use case tells the two apart.
    case sessionOrPermission(Permission)

    /// Throws ``Refusal`` unless `principal` may at this moment.
    func check(_ principal: Principal, at now: Date) throws(Refusal) {
        switch self {
        case .open, .credential: return
        case .session:
            try principal.requireSession()
        case .sessionRole(let role, let mustBeFresh):
            try principal.requireSession(from: role)
            if mustBeFresh { try principal.requireFresh(at: now) }
        case .permission(let permission): try principal.require(permission)
        case .sessionOrPermission(let permission):
            if principal.session == nil { try principal.require(permission) }
        }
    }
}
