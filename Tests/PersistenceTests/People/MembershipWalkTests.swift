import Domain
import Foundation
import Postgres
import Testing

/// Whatever people of every role do to each other, in any order or all at once: nobody gets a role that somebody of at least that role
/// did not grant, and an owner stays.
@Suite(.ownDatabase) struct MembershipWalkTests {
    @Test(arguments: [UInt64(1), 2, 3]) func nobodyIsRaisedAboveWhoRaisedThem(seed: UInt64) async throws {
        let stores = try Stores.required()
        var walk = try await Walk(stores, seed: seed)
        for step in 0..<250 {
            let before = try await stores.roles(in: walk.tenant.id)
            // An inviter's open invitations may fall with a change, each with an entry of its own.
            let counted: SQL = "tenant_id = \(walk.tenant.id.uuid) AND action <> 'invitation.withdrawn'"
            let entries = try await stores.count("audit_log", where: counted)
            let (actor, granted) = try await walk.step(before)
            let after = try await stores.roles(in: walk.tenant.id)
            let ceiling = granted ?? before[actor]
            for person in Set(before.keys).union(after.keys) where before[person] != after[person] {
                let label = "step \(step): \(before[person]?.rawValue ?? "nobody") became \(after[person]?.rawValue ?? "nobody")"
                let ceiling = try #require(ceiling, "\(label) by nobody")
                if let role = after[person] { #expect(role <= ceiling, "\(label) by \(ceiling)") }
                if let role = before[person], person != actor { #expect(role <= ceiling && ceiling >= .admin, "\(label) by \(ceiling)") }
            }
            #expect(after.values.contains(.owner), "step \(step)")
            let changes = Set(before.keys).union(after.keys).count { before[$0] != after[$0] }
            let written = try await stores.count("audit_log", where: counted) - entries
            // Accepting is done here without one, and an invitation is no membership yet.
            #expect(written >= (granted == nil ? changes : 0) && written <= 1, "step \(step)")
        }
        #expect(walk.done.count == 5, "every kind of step has happened: \(walk.done)")
        #expect(walk.refused > 20)
        #expect(try await AuditChainTests.brokenLinks(stores, walk.tenant.id) == 0)
    }

    @Test func sixtyFourChangesAtOnceNeitherDeadlockNorBreakTheChain() async throws {
        let stores = try Stores.required()
        let ada = try await stores.register()
        let owners = [ada, try await stores.member(of: ada.tenantID, as: .owner)]
        var targets: [Account] = []
        for _ in 0..<24 {
            let account = try await stores.member(of: ada.tenantID, as: .member)
            let there = Account(user: account.user, tenant: ada.tenant, session: account.session, refresh: account.refresh)
            _ = try await stores.token(of: there)
            targets.append(there)
        }
        let before = try await stores.count("audit_log", where: "tenant_id = \(ada.tenantID.uuid)")
        let members = Members(store: stores.members, now: { Moment.now })
        let invitations = Invitations(store: stores.invitations, now: { Moment.now })
        let people = targets
        let codes = try await withThrowingTaskGroup(of: ErrorCode?.self) { group in
            for number in 0..<64 {
                let actor = owners[number % 2].acting(in: ada.tenant)
                let target = people[number % 24]
                group.addTask {
                    try await refusal {
                        switch number {
                        case 0, 1:
                            // Each demotes the other.
                            _ = try await members.setRole(of: owners[1 - number].user.id, to: .admin, as: actor, from: .sample)
                        case 2..<24: _ = try await members.setRole(of: target.user.id, to: .viewer, as: actor, from: .sample)
                        case 24..<36: try await members.remove(target.user.id, as: actor, from: .sample)
                        case 36..<48: try await members.remove(target.user.id, as: target.acting(as: .member, in: ada.tenant), from: .sample)
                        default:
                            _ = try await invitations.create(EmailAddress("p\(number)@example.org")!, .viewer, as: actor, from: .sample)
                        }
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.count == 64)
        #expect(!codes.contains(.serviceUnavailable) && !codes.contains(.internalError))
        let after = try await stores.roles(in: ada.tenantID)
        #expect(after.values.count { $0 == .owner } == 1)
        // Every change, and each of the removed people's tokens, has one entry.
        let removed = people.count { after[$0.user.id] == nil }
        #expect(removed > 0)
        let written = try await stores.count("audit_log", where: "tenant_id = \(ada.tenantID.uuid)") - before
        #expect(written == codes.count { $0 == nil } + removed)
        #expect(try await stores.count("api_tokens", where: "tenant_id = \(ada.tenantID.uuid) AND revoked_at IS NOT NULL") == removed)
        #expect(try await AuditChainTests.brokenLinks(stores, ada.tenantID) == 0)
    }
}

/// Ten people who do what they please to a tenant.
private struct Walk {
    let stores: Stores
    let tenant: Tenant.Reference
    private let people: [Account]
    private var random: SplitMix64
    /// What has happened at least once.
    private(set) var done: Set<String> = []
    private(set) var refused = 0
    private var invited: [(id: InvitationID, person: Account, inviterRole: Role)] = []

    init(_ stores: Stores, seed: UInt64) async throws {
        self.stores = stores
        let owner = try await stores.register()
        tenant = owner.tenant
        var people = [owner]
        for role in [Role.owner, .admin, .admin, .member, .viewer] { people.append(try await stores.member(of: tenant.id, as: role)) }
        for _ in 0..<4 { people.append(try await stores.register()) }
        self.people = people
        random = SplitMix64(state: seed)
    }

    /// Takes one step; answers who did it, and for an acceptance what role the inviter had.
    mutating func step(_ roles: [UserID: Role]) async throws -> (actor: UserID, inviterRole: Role?) {
        // Mostly somebody who is in.
        let those = Int.random(in: 0..<6, using: &random) == 0 ? people : people.filter { roles[$0.user.id] != nil }
        let (actor, target) = (those.randomElement(using: &random)!, people.randomElement(using: &random)!)
        let role = Role.allCases.randomElement(using: &random)!
        // A request may have been let in with a role that is no longer the person's.
        let claimed = Int.random(in: 0..<5, using: &random) == 0 ? Role.allCases.randomElement(using: &random)! : roles[actor.user.id] ?? .viewer
        let principal = actor.acting(as: claimed, in: tenant, byToken: Int.random(in: 0..<4, using: &random) == 0)
        let members = Members(store: stores.members, now: { Moment.now })
        let kind = ["role", "role", "role", "invite", "invite", "invite", "accept", "accept", "remove", "leave"].randomElement(using: &random)!
        do {
            switch kind {
            case "role": _ = try await members.setRole(of: target.user.id, to: role, as: principal, from: .sample)
            case "remove" where target.user.id != actor.user.id: try await members.remove(target.user.id, as: principal, from: .sample)
            case "leave", "remove": try await members.remove(actor.user.id, as: principal, from: .sample)
            case "invite":
                let invitations = Invitations(store: stores.invitations, now: { Moment.now })
                let email = EmailAddress(target.user.email)!
                let invitation = try await invitations.create(email, role, as: principal, from: .sample)
                // What is true at this moment, whatever the request claimed.
                invited.append((invitation.id, target, try #require(roles[actor.user.id])))
            default:
                guard let (id, person, inviterRole) = invited.popLast() else { return (actor.user.id, nil) }
                try await accept(id, person)
                done.insert(kind)
                return (person.user.id, inviterRole)
            }
            done.insert(kind)
        } catch is Refusal {
            refused += 1
        }
        return (actor.user.id, nil)
    }

    /// What accepting does to the database.
    private func accept(_ id: InvitationID, _ person: Account) async throws {
        _ = try await stores.superuser.query(
            """
            WITH used AS (
                UPDATE tessera.invitations SET accepted_at = \(Moment.now) WHERE tenant_id = \(tenant.id.uuid) AND id = \(id.uuid) RETURNING role
            )
            INSERT INTO tessera.memberships (tenant_id, user_id, role, name, email, joined_at)
            SELECT \(tenant.id.uuid), \(person.user.id.uuid), role, \(person.user.name), \(person.user.email), \(Moment.now) FROM used
            ON CONFLICT DO NOTHING
            """)
    }
}

/// A small generator with a seed, so that a walk can be taken again (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators).
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
