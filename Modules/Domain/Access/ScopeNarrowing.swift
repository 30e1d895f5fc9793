package import FoundationEssentials

/// A way in which a token's scopes could reach less far: one of them goes, or gives way to the next narrower one. `app:` scopes and
/// `self:rotate` have none: what they are used for isn't known here.
package struct ScopeNarrowing: Sendable {
    package let scope: Scope
    /// What the token would lose by it, but for what its other scopes imply too.
    package let loss: PermissionSet

    /// `admin` → `write` → `read` → nothing, `…:write` → `…:read` → nothing, and every other permission → nothing.
    package static let all: [ScopeNarrowing] =
        CoarseScope.allCases.flatMap { scope in
            narrowings(of: .coarse(scope), to: CoarseScope.allCases.filter { $0 < scope }.map(Scope.coarse))
        }
        + Permission.allCases.filter { Scope($0.rawValue) != nil }.flatMap { permission in
            narrowings(of: .permission(permission), to: [permission.reading].compactMap(\.self).map(Scope.permission))
        }

    private static func narrowings(of scope: Scope, to narrower: [Scope]) -> [ScopeNarrowing] {
        let all = scope.permissions
        return [ScopeNarrowing(scope: scope, loss: all)]
            + narrower.map { ScopeNarrowing(scope: scope, loss: all.subtracting($0.permissions)) }
    }
}

/// When a token's scopes are called too many.
package enum ScopeJudgement {
    /// How long a permission may go unneeded, and how long scopes stand before they are judged, in seconds: 30 days.
    package static let window: TimeInterval = 30 * 86_400
    /// How far behind the record of needs may be, in seconds: so much longer one counts.
    package static let tolerance: TimeInterval = 3600
}
