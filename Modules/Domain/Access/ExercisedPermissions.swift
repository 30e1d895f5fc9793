import Synchronization

/// The permissions that a request took, gathered while it is handled: what its credential was needed for.
///
/// A class, since whoever records the request has to see what the use case found it to take.
package final class ExercisedPermissions: Sendable {
    private let noted = Mutex(PermissionSet())

    init() {}

    func note(_ permissions: PermissionSet) { noted.withLock { $0 = $0.union(permissions) } }

    /// All so far.
    package var all: PermissionSet { noted.withLock(\.self) }
}

extension Principal {
    /// Whether this principal has `permission`. Where it has, the request took it: ask only for what decides.
    package func exercises(_ permission: Permission) -> Bool {
        guard permissions.contains(permission) else { return false }
        exercised.note(PermissionSet([permission]))
        return true
    }
}
