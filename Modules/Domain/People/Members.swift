import FoundationEssentials

/// Changes of who is in a tenant and as what. All functions throw ``Refusal``; another tenant's member is refused exactly like an
/// unknown one.
///
/// Nobody grants a role above their own or touches a member above their own, and the last owner stays. Decisions rest on the roles as
/// they are when the change is made, not as they were when the request was authenticated.
package struct Members: Sendable {
    private let store: any MemberStore
    private let now: Now

    /// Why a removed member's tokens are revoked.
    package static let tokenReason = "member_removed"

    /// How often a decision is made anew because roles changed under it.
    private static let attempts = 5

    package init(store: any MemberStore, now: @escaping Now) {
        self.store = store
        self.now = now
    }

    /// Gives a member another role; raising it takes a session. The role that they have already changes nothing.
    package func setRole(of user: UserID, to role: Role, as principal: Principal, from origin: Origin) async throws -> Member {
        try principal.require(.membersWrite)
        for _ in 0..<Self.attempts {
            let standing = try await standing(of: user, principal)
            try standing.checkReach()
            guard role <= standing.actorRole else { throw Refusal.forbidden("You can't grant a role above your own.") }
            let member = standing.member
            if role > member.role { try principal.requirePerson() }
            if role < member.role { try standing.checkOwnerStays() }
            let changed = Member(user: user, email: member.email, name: member.name, role: role, joinedAt: member.joinedAt)
            if role == member.role { return changed }
            let audit = AuditEntry(
                .memberRoleChanged, of: .user(user), by: principal.auditActor, from: origin, at: now().microseconds,
                changes: ["from": member.role.rawValue, "to": role.rawValue])
            if try await store.setRole(role, standing, in: principal.tenant.id, audit) { return changed }
        }
        throw Self.contended(user)
    }

    /// Takes a member out; their tokens in the tenant are revoked with it. Leaving oneself takes a session and no permission.
    package func remove(_ user: UserID, as principal: Principal, from origin: Origin) async throws {
        let isLeaving = principal.subject.id == .user(user)
        if !isLeaving { try principal.require(.membersWrite) }
        if isLeaving { try principal.requirePerson() }
        for _ in 0..<Self.attempts {
            let standing = try await standing(of: user, principal)
            if !isLeaving { try standing.checkReach() }
            try standing.checkOwnerStays()
            let audit = AuditEntry(
                isLeaving ? .memberLeft : .memberRemoved, of: .user(user), by: principal.auditActor, from: origin, at: now().microseconds,
                changes: ["role": standing.member.role.rawValue])
            if try await store.remove(standing, in: principal.tenant.id, tokenReason: Self.tokenReason, audit) { return }
        }
        throw Self.contended(user)
    }

    private func standing(of user: UserID, _ principal: Principal) async throws -> MemberStanding {
        guard let standing = try await store.standing(of: user, against: principal.subject.id, in: principal.tenant.id) else {
            throw Refusal.notFound
        }
        return standing
    }

    private static func contended(_ user: UserID) -> Refusal { .unavailable("member \(user) changed under \(attempts) decisions in a row") }
}
