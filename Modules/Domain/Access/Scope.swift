/// The three scopes that most tokens carry: `read` ⊂ `write` ⊂ `admin`.
package enum CoarseScope: String, Sendable, CaseIterable, Comparable {
    case read, write, admin

    package static func < (one: Self, other: Self) -> Bool {
        switch (one, other) {
        case (.read, .write), (.read, .admin), (.write, .admin): true
        default: false
        }
    }
}

/// What a token is good for: a coarse scope, one permission by its name (`…:write` includes its `…:read`), rotating itself, or
/// something that the tenant's own services understand.
package enum Scope: Hashable, Sendable, CustomStringConvertible {
    case coarse(CoarseScope)
    case permission(Permission)
    /// `self:rotate`: the token may replace its own secret.
    case selfRotation
    /// `app:…`: carried and reported, never interpreted.
    case app(String)

    /// The scope of that name, or nil. `tenant:write` is in no scope: it takes a session.
    package init?(_ name: String) {
        if let coarse = CoarseScope(rawValue: name) {
            self = .coarse(coarse)
        } else if let permission = Permission(rawValue: name), PermissionTable.scope(giving: permission) != nil {
            self = .permission(permission)
        } else if name == Self.selfRotationName {
            self = .selfRotation
        } else if let rest = Self.appName(name) {
            self = .app(rest)
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .coarse(let scope): scope.rawValue
        case .permission(let permission): permission.rawValue
        case .selfRotation: Self.selfRotationName
        case .app(let name): Self.appPrefix + name
        }
    }

    /// What this scope implies, whoever carries it.
    package var permissions: PermissionSet {
        switch self {
        case .coarse(let scope): PermissionTable.permissions(impliedBy: scope)
        case .permission(let permission): PermissionSet([permission, permission.reading].compactMap(\.self))
        case .selfRotation, .app: PermissionSet()
        }
    }

    /// The lowest role whose tokens may carry an `app:` scope.
    package static let appRole = Role.member

    private static let selfRotationName = "self:rotate"
    private static let appPrefix = "app:"

    /// What stands behind `app:`: 1–60 of `a-z`, `0-9`, `.`, `_`, `:` and `-`.
    private static func appName(_ name: String) -> String? {
        guard name.hasPrefix(appPrefix) else { return nil }
        let rest = name.dropFirst(appPrefix.count)
        let isAllowed = rest.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return (1...60).contains(rest.utf8.count) && isAllowed ? String(rest) : nil
    }
}

extension Sequence<Scope> {
    /// What these scopes imply together.
    package var permissions: PermissionSet { reduce(PermissionSet()) { $0.union($1.permissions) } }

    /// Those that say something no permission says.
    private var special: Set<Scope> {
        Set(
            filter { scope in
                switch scope {
                case .selfRotation, .app: true
                case .coarse, .permission: false
                }
            })
    }

    /// Whether whoever has `others` has all of these.
    package func isWithin(_ others: some Sequence<Scope>) -> Bool {
        permissions.isSubset(of: others.permissions) && special.isSubset(of: others.special)
    }

    /// Whether a token of somebody with `role` may carry these.
    package func isWithin(_ role: Role) -> Bool {
        permissions.isSubset(of: PermissionTable.permissions(of: role)) && (role >= Scope.appRole || !special.contains(where: \.isApp))
    }
}

extension Scope {
    fileprivate var isApp: Bool { if case .app = self { true } else { false } }
}
