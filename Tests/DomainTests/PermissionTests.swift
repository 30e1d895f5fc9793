import Domain
import FoundationEssentials
import Testing

/// The permission table is the one that the API promises.
@Suite struct PermissionTests {
    /// `permission: roles, scope`, as API documents show it.
    private static let promised = [
        "data:read: viewer member admin owner, read", "data:write: member admin owner, write", "tenant:read: viewer member admin owner, read",
        "tenant:write: owner, none", "members:read: viewer member admin owner, read", "members:write: admin owner, admin",
        "tokens:read: viewer member admin owner, read", "tokens:write: viewer member admin owner, write", "tenant-tokens:read: admin owner, admin",
        "tenant-tokens:write: admin owner, admin", "usage:read: viewer member admin owner, read", "service-accounts:write: admin owner, admin",
        "audit:read: admin owner, admin", "introspect: admin owner, admin",
    ]

    @Test func tableIsAsPromised() {
        let table = Permission.allCases.map { permission in
            let roles = Role.allCases.filter { PermissionTable.permissions(of: $0).contains(permission) }.map(\.rawValue)
            return "\(permission.rawValue): \(roles.joined(separator: " ")), \(PermissionTable.scope(giving: permission)?.rawValue ?? "none")"
        }
        #expect(table == Self.promised)
        #expect(PermissionTable.rows.count == Permission.allCases.count)
    }

    @Test func coarseScopesContainEachOther() {
        let sets = CoarseScope.allCases.map(PermissionTable.permissions(impliedBy:))
        for (narrow, wide) in zip(sets, sets.dropFirst()) { #expect(narrow.isSubset(of: wide) && narrow != wide) }
    }

    @Test func writeScopesIncludeTheirRead() {
        for permission in Permission.allCases {
            guard let scope = Scope(permission.rawValue) else {
                #expect(permission == .tenantWrite)
                continue
            }
            #expect(scope.permissions.contains(permission))
            if let reading = permission.reading { #expect(scope.permissions.contains(reading)) }
            #expect(scope.description == permission.rawValue)
        }
        for name in ["", "fly", "READ", "read ", "app:", "tenant:write"] { #expect(Scope(name) == nil, "\(name)") }
    }

    @Test func tokenNeverPassesItsOwnersRole() {
        for role in Role.allCases {
            for scope in CoarseScope.allCases {
                let principal = Principal(
                    tenant: .init(id: TenantID(.init()), slug: "s", name: "n"),
                    subject: .person(.init(id: UserID(.init()), email: "e", name: "n", emailVerified: false)), role: role,
                    credential: .apiToken(TokenProof(id: TokenID(.init()), breadth: TokenBreadth(scopes: [.coarse(scope)], expiresAt: nil))))
                #expect(principal.permissions.isSubset(of: PermissionTable.permissions(of: role)))
                #expect(principal.permissions.isSubset(of: PermissionTable.permissions(impliedBy: scope)))
            }
        }
    }
}
