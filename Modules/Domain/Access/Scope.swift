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

/// What a token is good for: a coarse scope, or one permission by its name (`…:write` includes its `…:read`).
package enum Scope: Hashable, Sendable, CustomStringConvertible {
    case coarse(CoarseScope)
    case permission(Permission)

    /// The scope of that name, or nil. `tenant:write` is in no scope: it takes a session.
    package init?(_ name: String) {
        if let coarse = CoarseScope(rawValue: name) {
            self = .coarse(coarse)
        } else if let permission = Permission(rawValue: name), PermissionTable.scope(giving: permission) != nil {
            self = .permission(permission)
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .coarse(let scope): scope.rawValue
        case .permission(let permission): permission.rawValue
        }
    }

    /// What this scope implies, whoever carries it.
    package var permissions: PermissionSet {
        switch self {
        case .coarse(let scope): PermissionTable.permissions(impliedBy: scope)
        case .permission(let permission): PermissionSet([permission, permission.reading].compactMap(\.self))
        }
    }
}

extension Sequence<Scope> {
    /// What these scopes imply together.
    package var permissions: PermissionSet { reduce(PermissionSet()) { $0.union($1.permissions) } }
}
