/// What a member is in a tenant; each role may all that the ones before it may.
package enum Role: String, Sendable, CaseIterable, Comparable {
    case viewer, member, admin, owner

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .member: 1
        case .admin: 2
        case .owner: 3
        }
    }

    package static func < (one: Role, other: Role) -> Bool { one.rank < other.rank }
}
