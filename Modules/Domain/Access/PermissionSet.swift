/// A set of ``Permission``s in one machine word, so that a check on the request path is a bit test.
package struct PermissionSet: Hashable, Sendable {
    private var bits: UInt32 = 0

    package init() {}

    package init(_ permissions: some Sequence<Permission>) {
        for permission in permissions { insert(permission) }
    }

    private init(bits: UInt32) { self.bits = bits }

    package mutating func insert(_ permission: Permission) { bits |= Self.bit(of: permission) }

    package func contains(_ permission: Permission) -> Bool { bits & Self.bit(of: permission) != 0 }
    package func intersection(_ other: Self) -> Self { Self(bits: bits & other.bits) }
    package func union(_ other: Self) -> Self { Self(bits: bits | other.bits) }
    package func subtracting(_ other: Self) -> Self { Self(bits: bits & ~other.bits) }
    package func isSubset(of other: Self) -> Bool { bits & ~other.bits == 0 }

    package var isEmpty: Bool { bits == 0 }

    /// A bit for each member, for statements that reckon with sets; never stored.
    package var word: Int32 { Int32(bitPattern: bits) }

    /// The members in the order of their declaration.
    package var permissions: [Permission] { Permission.allCases.filter(contains) }

    private static func bit(of permission: Permission) -> UInt32 {
        let position: UInt32 =
            switch permission {
            case .dataRead: 0
            case .dataWrite: 1
            case .tenantRead: 2
            case .tenantWrite: 3
            case .membersRead: 4
            case .membersWrite: 5
            case .tokensRead: 6
            case .tokensWrite: 7
            case .tenantTokensRead: 8
            case .tenantTokensWrite: 9
            case .usageRead: 10
            case .serviceAccountsWrite: 11
            case .auditRead: 12
            case .introspect: 13
            }
        return 1 << position
    }
}
