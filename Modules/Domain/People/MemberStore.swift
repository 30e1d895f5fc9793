/// Members as the database keeps them, for those who change them; every call sees one tenant only.
package protocol MemberStore: Sendable {
    /// How `user` and `actor` stand now; nil if either is no member.
    func standing(of user: UserID, against actor: SubjectID, in tenant: TenantID) async throws -> MemberStanding?

    /// Gives the member of `standing` another role, with its audit entry, and answers whether it did: not if either of the two has
    /// another role by now, nor if the tenant would be left without an owner.
    func setRole(_ role: Role, _ standing: MemberStanding, in tenant: TenantID, _ audit: AuditEntry) async throws -> Bool

    /// Takes the member out, under the same conditions, and revokes the tokens they own in the tenant for `tokenReason`: one audit
    /// entry for the member and one for each token.
    func remove(_ standing: MemberStanding, in tenant: TenantID, tokenReason: String, _ audit: AuditEntry) async throws -> Bool
}

/// What a decision about a member rests on; a change is made only while it still holds.
package struct MemberStanding: Sendable {
    package let member: Member
    package let actor: SubjectID
    package let actorRole: Role
    /// Whether somebody else than the member is an owner.
    package let hasOtherOwner: Bool

    package init(member: Member, actor: SubjectID, actorRole: Role, hasOtherOwner: Bool) {
        self.member = member
        self.actor = actor
        self.actorRole = actorRole
        self.hasOtherOwner = hasOtherOwner
    }

    /// Throws ``ErrorCode/forbidden`` unless the actor may change members, and this one isn't above them.
    func checkReach() throws(Refusal) {
        guard PermissionTable.permissions(of: actorRole).contains(.membersWrite) else {
            throw .forbidden("The role \(actorRole.rawValue) doesn't include \(Permission.membersWrite.rawValue).")
        }
        guard member.role <= actorRole else {
            throw .forbidden("A member whose role is above your own is out of your reach.")
        }
    }

    /// Throws ``ErrorCode/lastOwner`` if the member is the only one.
    func checkOwnerStays() throws(Refusal) {
        guard member.role != .owner || hasOtherOwner else {
            throw Refusal(.lastOwner, "A tenant needs an owner: make another member one first.")
        }
    }
}
