package import FoundationEssentials

/// A person as platform administrators see them.
package struct PlatformUser: Sendable {
    package let profile: User.Profile
    package let status: User.Status
    package let isPlatformAdmin: Bool
    package let createdAt: Date

    package init(profile: User.Profile, status: User.Status, isPlatformAdmin: Bool, createdAt: Date) {
        self.profile = profile
        self.status = status
        self.isPlatformAdmin = isPlatformAdmin
        self.createdAt = createdAt
    }
}

/// Which people a list shows.
package struct PlatformUserFilter: Sendable {
    /// Part of the name or e-mail, in any case.
    package var search: String?
    package var status: User.Status?
    package var isPlatformAdmin: Bool?

    package init(search: String? = nil, status: User.Status? = nil, isPlatformAdmin: Bool? = nil) {
        self.search = search
        self.status = status
        self.isPlatformAdmin = isPlatformAdmin
    }
}

/// All people, for platform administrators. Each change is stored with its audit entry, in the platform's log; what is so already
/// changes nothing.
package protocol PlatformUserStore: Sendable {
    /// The newest first.
    func users(_ filter: PlatformUserFilter, _ page: PageRequest) async throws -> Page<PlatformUser>

    /// The person after the change; a disabled one's sessions end with it. nil: there is none of that id.
    /// Throws ``ErrorCode/lastOwner`` if no active platform administrator would be left.
    func setStatus(of user: UserID, to status: User.Status, _ audit: AuditEntry) async throws -> PlatformUser?

    /// nil: there is none of that id. Throws ``ErrorCode/lastOwner`` if no active platform administrator would be left.
    func setPlatformAdmin(_ user: UserID, to isPlatformAdmin: Bool, _ audit: AuditEntry) async throws -> PlatformUser?
}

extension Refusal {
    /// Nobody locks everybody out of the platform.
    package static var lastPlatformAdmin: Refusal {
        Refusal(.lastOwner, "The platform needs an active administrator: make somebody else one first.")
    }
}
