/// Who may what: permission × role × scope, the one table that checks and tests are made from.
package enum PermissionTable {
    /// A permission, the lowest role that has it, and the narrowest of `read ⊂ write ⊂ admin` that implies it (nil: none does).
    package struct Row: Sendable {
        package let permission: Permission
        package let role: Role
        package let scope: CoarseScope?
    }

    package static let rows: [Row] = [
        Row(permission: .dataRead, role: .viewer, scope: .read),
        Row(permission: .tenantRead, role: .viewer, scope: .read),
        Row(permission: .membersRead, role: .viewer, scope: .read),
        Row(permission: .tokensRead, role: .viewer, scope: .read),
        Row(permission: .usageRead, role: .viewer, scope: .read),
        Row(permission: .tokensWrite, role: .viewer, scope: .write),
        Row(permission: .dataWrite, role: .member, scope: .write),
        Row(permission: .membersWrite, role: .admin, scope: .admin),
        Row(permission: .serviceAccountsWrite, role: .admin, scope: .admin),
        Row(permission: .tenantTokensRead, role: .admin, scope: .admin),
        Row(permission: .tenantTokensWrite, role: .admin, scope: .admin),
        Row(permission: .auditRead, role: .admin, scope: .admin),
        Row(permission: .introspect, role: .admin, scope: .admin),
        Row(permission: .tenantWrite, role: .owner, scope: nil),
    ]

    /// All that `role` may.
    package static func permissions(of role: Role) -> PermissionSet { byRole[role] ?? PermissionSet() }

    /// All that `scope` implies, whoever carries it.
    package static func permissions(impliedBy scope: CoarseScope) -> PermissionSet { byScope[scope] ?? PermissionSet() }

    /// The coarse scope to ask for when `permission` is missing; nil where no scope gives it.
    package static func scope(giving permission: Permission) -> CoarseScope? { rows.first { $0.permission == permission }?.scope }

    private static let byRole: [Role: PermissionSet] = Dictionary(
        uniqueKeysWithValues: Role.allCases.map { role in
            (role, PermissionSet(rows.filter { $0.role <= role }.map(\.permission)))
        })

    private static let byScope: [CoarseScope: PermissionSet] = Dictionary(
        uniqueKeysWithValues: CoarseScope.allCases.map { scope in
            (scope, PermissionSet(rows.filter { row in row.scope.map { $0 <= scope } ?? false }.map(\.permission)))
        })
}
