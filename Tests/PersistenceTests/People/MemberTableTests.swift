import Domain
import Foundation
import Postgres
import Support
import Testing

/// Members change by what is so at that moment, each change with its entry.
@Suite(.ownDatabase) struct MemberTableTests {
    private func members(_ stores: Stores) -> Members { Members(store: stores.members, now: { Moment.now }) }

    @Test func aChangeHasOneEntryAndNoChangeNone() async throws {
        let stores = try Stores.required()
        let ada = try await stores.register()
        let eve = try await stores.member(of: ada.tenantID, as: .viewer)
        let before = try await stores.audit(of: ada.tenantID)
        for _ in 0..<2 {
            #expect(try await members(stores).setRole(of: eve.user.id, to: .admin, as: ada.acting(), from: .sample).role == .admin)
        }
        let entries = try await stores.audit(of: ada.tenantID)
        #expect(Array(entries.dropFirst(before.count)) == [#"member.role_changed user \#(eve.user.id) {"to": "admin", "from": "viewer"}"#])
    }

    @Test func removalRevokesTheTokensOfThisTenantOnly() async throws {
        let stores = try Stores.required()
        let ada = try await stores.register()
        let eve = try await stores.member(of: ada.tenantID, as: .member)
        let others = [try await stores.token(of: ada), try await stores.token(of: eve)]
        let (one, two) = (try await stores.token(of: eve, in: ada), try await stores.token(of: eve, in: ada))
        let revoked = try await stores.token(of: eve, in: ada)
        _ = try await stores.tokens.revoke(revoked.id, in: ada.tenantID, by: .owner(eve), reason: "mine", at: Moment.ago(60))
        let before = try await stores.audit(of: ada.tenantID)
        try await members(stores).remove(eve.user.id, as: ada.acting(), from: .sample)
        for token in [one, two] {
            #expect(try await stores.reread(token)?.revocation?.reason == "member_removed")
            #expect(try await stores.reread(token)?.version == 2)
        }
        #expect(try await stores.reread(revoked)?.revocation?.reason == "mine")
        for token in others { #expect(try await stores.reread(token)?.revocation == nil) }
        let entries = try await stores.audit(of: ada.tenantID).dropFirst(before.count)
        let expected = [one, two].map { #"token.revoked api_token \#($0.id) {"reason": "member_removed"}"# }
        #expect(Set(entries) == Set(expected + [#"member.removed user \#(eve.user.id) {"role": "member"}"#]))
        #expect(entries.count == 3)
        #expect(try await AuditChainTests.brokenLinks(stores, ada.tenantID) == 0)
        #expect(try await refusal { try await members(stores).remove(eve.user.id, as: ada.acting(), from: .sample) } == .notFound)
    }

    @Test func aDecisionThatNoLongerHoldsChangesNothing() async throws {
        let stores = try Stores.required()
        let ada = try await stores.register()
        let eve = try await stores.member(of: ada.tenantID, as: .admin)
        let bob = try await stores.member(of: ada.tenantID, as: .member)
        let token = try await stores.token(of: bob, in: ada)
        let audit = AuditEntry(.memberRoleChanged, of: .user(bob.user.id), by: .system, from: .sample, at: Moment.now)
        let standing = try #require(try await stores.members.standing(of: bob.user.id, against: .user(eve.user.id), in: ada.tenantID))
        // Eve is no admin by now, though her request was let in as one's.
        _ = try await members(stores).setRole(of: eve.user.id, to: .viewer, as: ada.acting(), from: .sample)
        let before = try await stores.audit(of: ada.tenantID)
        #expect(try await !stores.members.setRole(.admin, standing, in: ada.tenantID, audit))
        #expect(try await !stores.members.remove(standing, in: ada.tenantID, tokenReason: "x", audit))
        let stale = eve.acting(as: .admin, in: ada.tenant)
        #expect(try await refusal { _ = try await members(stores).setRole(of: bob.user.id, to: .admin, as: stale, from: .sample) } == .forbidden)
        #expect(try await refusal { try await members(stores).remove(bob.user.id, as: stale, from: .sample) } == .forbidden)
        #expect(try await stores.roles(in: ada.tenantID)[bob.user.id] == .member)
        #expect(try await stores.reread(token)?.revocation == nil)
        #expect(try await stores.audit(of: ada.tenantID) == before)
    }

    /// Both decide while there are two owners; the store alone is left to see that one stays.
    @Test(arguments: [true, false]) func ownersWhoEndEachOtherAtOnceLeaveOne(byRemoval: Bool) async throws {
        let stores = try Stores.required()
        for _ in 0..<20 {
            let ada = try await stores.register()
            let eve = try await stores.member(of: ada.tenantID, as: .owner)
            let pairs = [(ada.user.id, eve.user.id), (eve.user.id, ada.user.id)]
            let done = try await withThrowingTaskGroup(of: Bool.self) { group in
                for (actor, target) in pairs {
                    // The actor's own role is left out of the condition, so that only the owners are in it.
                    let found = try #require(try await stores.members.standing(of: target, against: .user(target), in: ada.tenantID))
                    let audit = AuditEntry(.memberRoleChanged, of: .user(target), by: .user(actor), from: .sample, at: Moment.now)
                    group.addTask {
                        byRemoval
                            ? try await stores.members.remove(found, in: ada.tenantID, tokenReason: "x", audit)
                            : try await stores.members.setRole(.viewer, found, in: ada.tenantID, audit)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(done.count { $0 } == 1)
            #expect(try await stores.roles(in: ada.tenantID).values.count { $0 == .owner } == 1)
        }
    }

    @Test func whoeverDeletesTheirAccountHoldsNoAuditLogWhileWaiting() async throws {
        let stores = try Stores.required()
        let ada = try await stores.register()
        let guest = Account.new()
        try await stores.accounts.register(guest)
        try await stores.join(guest.user, ada.tenantID)
        _ = try await stores.superuser.query("UPDATE tessera.memberships SET role = 'member' WHERE user_id = \(guest.user.id.uuid)")
        _ = try await stores.token(of: Account(user: guest.user, tenant: ada.tenant, session: guest.session, refresh: guest.refresh))
        let deletion = try await stores.superuser.transaction { transaction in
            _ = try await transaction.query("SELECT 1 FROM tessera.memberships WHERE user_id = \(guest.user.id.uuid) FOR UPDATE")
            let deletion = Task { try await stores.profiles.delete(guest.user.id, from: .sample, at: Moment.now) }
            try await eventually("the deletion waits", within: .seconds(10)) {
                try await stores.superuser.query(
                    "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database()"
                ).decode(Int.self)[0] > 0
            }
            // What a change of the membership does last.
            _ = try await transaction.query("SELECT 1 FROM tessera.audit_head WHERE tenant_id = \(ada.tenantID.uuid) FOR UPDATE NOWAIT")
            return deletion
        }
        try await deletion.value
        #expect(try await stores.roles(in: ada.tenantID)[guest.user.id] == nil)
    }
}

extension Stores {
    /// Stores a token that `account` owns in another's tenant.
    fileprivate func token(of account: Account, in other: Account) async throws -> APIToken {
        try await token(of: Account(user: account.user, tenant: other.tenant, session: account.session, refresh: account.refresh))
    }
}
