package import FoundationEssentials

/// Something that a person is told about a token which concerns them.
package struct Notice: Sendable {
    package typealias ID = Identifier<Notice>

    package let id: ID
    /// As stored; ``NoticeKind`` where this version knows it.
    package let kind: String
    package let token: TokenID
    package let createdAt: Date
    package let readAt: Date?
    /// Words and numbers for people: the token's name, its end, an address. No secret.
    package let details: [String: String]

    package init(id: ID, kind: String, token: TokenID, createdAt: Date, readAt: Date?, details: [String: String]) {
        self.id = id
        self.kind = kind
        self.token = token
        self.createdAt = createdAt
        self.readAt = readAt
        self.details = details
    }
}

/// What notices are about.
package enum NoticeKind: String, Sendable, CaseIterable {
    /// The token ends within 30, 7 or 1 days.
    case expiring
    case expired
    /// Used from a network that it wasn't used from before.
    case newNetwork = "new_network"
    /// A secret that a rotation ended is still used.
    case endedSecretUsed = "ended_secret_used"
    /// Its secret was found where it doesn't belong.
    case exposed
    /// A secret that was found is good for nothing any more.
    case exposedEnded = "exposed_ended"
}

/// People's notices as the database keeps them; every call sees one person in one tenant.
package protocol NoticeStore: Sendable {
    /// The newest first.
    func notices(of person: UserID, in tenant: TenantID, onlyUnread: Bool, _ page: PageRequest) async throws -> Page<Notice>

    /// Marks one as read; one that was read stays as it was. False: there is no such notice.
    func markRead(_ id: Notice.ID, of person: UserID, in tenant: TenantID, at time: Date) async throws -> Bool
}

/// What a person is told in the tenant they are in.
package struct Notices: Sendable {
    private let store: any NoticeStore
    private let now: Now

    package init(store: any NoticeStore, now: @escaping Now) {
        self.store = store
        self.now = now
    }

    /// Throws ``Refusal``.
    package func list(onlyUnread: Bool, _ page: PageRequest, as principal: Principal) async throws -> Page<Notice> {
        try await store.notices(of: principal.requirePerson().id, in: principal.tenant.id, onlyUnread: onlyUnread, page)
    }

    /// Throws ``Refusal``.
    package func markRead(_ id: Notice.ID, as principal: Principal) async throws {
        let isThere = try await store.markRead(id, of: principal.requirePerson().id, in: principal.tenant.id, at: now().microseconds)
        guard isThere else { throw Refusal.notFound }
    }
}
