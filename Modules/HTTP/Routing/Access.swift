package import Domain
import FoundationEssentials

/// Who may call a route.
package enum Access: Sendable, Hashable {
    /// Anyone.
    case open
    /// Anyone; a session that is sent along counts.
    case optionalSession
    /// Any proven credential.
    case credential
    /// A session, not an API token, wherever it is: also in a suspended tenant, or in none.
    case session
    /// A session that is not in a suspended tenant.
    case account
    /// A session of somebody with that role or a higher one; a fresh one has had the password given in the last 15 minutes.
    case sessionRole(Role, fresh: Bool = false)
    /// Whoever has that permission.
    case permission(Permission)
    /// Any session, for what is the person's own, or whoever has that permission: the use case tells the two apart.
    case sessionOrPermission(Permission)
    /// Whoever may do what the request asks about: the handler tells.
    case forwarded
    /// Whoever has the permission to introspect in their tenant, or an introspector of the platform's.
    case introspection
    /// An API token, about itself.
    case ownToken
    /// A session of a platform administrator, wherever it is.
    case platformAdmin(fresh: Bool)

    /// Whether a request without a credential gets through.
    var isOpen: Bool { self == .open || self == .optionalSession }

    /// Whether it is about the person, or the platform, and not about the tenant that the session is in.
    var isPersonal: Bool {
        switch self {
        case .session, .account, .platformAdmin: true
        default: false
        }
    }

    /// Throws ``Refusal`` unless `caller` may at this moment.
    func check(_ caller: Caller, at now: Date) throws(Refusal) {
        switch self {
        case .open, .optionalSession: return
        case .credential:
            if case .person(let person) = caller { try person.requireOpenTenant() }
        case .session: _ = try caller.person()
        case .account: try caller.person().requireOpenTenant()
        case .sessionRole(let role, let mustBeFresh):
            let person = try caller.principal().requirePerson(from: role)
            if mustBeFresh { try person.requireFresh(at: now) }
        case .permission(let permission): try caller.principal().require(permission)
        case .introspection: try caller.principal().require(.introspect)
        case .sessionOrPermission(let permission):
            let principal = try caller.principal()
            if principal.session == nil { try principal.require(permission) }
        case .forwarded: _ = try caller.principal()
        case .ownToken: _ = try caller.principal().requireToken()
        case .platformAdmin(let mustBeFresh):
            let person = try caller.person()
            try person.requirePlatformAdmin()
            if mustBeFresh { try person.requireFresh(at: now) }
        }
    }
}
