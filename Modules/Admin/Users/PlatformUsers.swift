package import Domain

/// What platform administrators do about people. All functions throw ``Refusal``; changes take a fresh session.
package struct PlatformUsers: Sendable {
    private let store: any PlatformUserStore
    private let now: Now

    package init(store: any PlatformUserStore, now: @escaping Now) {
        self.store = store
        self.now = now
    }

    /// A page of all people, the newest first.
    package func users(_ filter: PlatformUserFilter, _ page: PageRequest, as person: Person) async throws -> Page<PlatformUser> {
        try person.requirePlatformAdmin()
        return try await store.users(filter, page)
    }

    /// Disables a person, whose sessions end and whose credentials are refused from now on, or enables them again.
    package func setStatus(
        of user: UserID, to status: User.Status, as person: Person, from origin: Origin
    ) async throws -> PlatformUser {
        let audit = try entry(status == .active ? .userEnabled : .userDisabled, user, person, origin)
        guard let changed = try await store.setStatus(of: user, to: status, audit) else { throw Refusal.notFound }
        return changed
    }

    /// Makes a person a platform administrator, or no longer one.
    package func setPlatformAdmin(_ user: UserID, to isPlatformAdmin: Bool, as person: Person, from origin: Origin) async throws {
        let audit = try entry(isPlatformAdmin ? .platformAdminGranted : .platformAdminRevoked, user, person, origin)
        guard try await store.setPlatformAdmin(user, to: isPlatformAdmin, audit) != nil else { throw Refusal.notFound }
    }

    private func entry(_ action: AuditAction, _ user: UserID, _ person: Person, _ origin: Origin) throws(Refusal) -> AuditEntry {
        let time = try person.timeOfPlatformChange(now)
        return AuditEntry(action, of: .user(user), by: .user(person.id), from: origin, at: time)
    }
}
