import Domain
import Foundation
import Postgres
import Support
import Testing

/// The tokens worth a look: each filter, all of them together, and what a token needed.
@Suite(.ownDatabase) struct TokenRiskTests {
    private let stores: Stores

    init() throws { stores = try .required() }

    /// The statement's reckoning with words, against trying every narrower list of scopes.
    @Test func overScopedAreThoseThatCouldReachLessAndStillAllTheyNeeded() async throws {
        let ada = try await stores.register()
        let names = ["read", "write", "admin", "app:orders", "self:rotate"] + Permission.allCases.map(\.rawValue)
        let scopes = names.compactMap { Scope($0) }
        #expect(scopes.count == names.count - 1)
        var records: [UsageRecord] = []
        var expected: Set<TokenID> = []
        for _ in 0..<150 {
            let granted = Array(scopes.shuffled().prefix(.random(in: 1...4)))
            let token = try await stores.token(of: ada, scopes: granted, createdAt: Moment.ago(40 * Moment.day))
            // What was needed long ago counts no more; what other tokens need, never did.
            var lately = PermissionSet()
            for permission in granted.permissions.permissions where Int.random(in: 0..<4) > 0 {
                let age = [0, 29.9, 31, 39].randomElement()! * Moment.day
                records.append(.sample(of: token.id, in: token.tenant, at: Moment.ago(age), needed: PermissionSet([permission])))
                if age < 30 * Moment.day { lately.insert(permission) }
            }
            if Self.couldReachLess(granted, needing: lately) { expected.insert(token.id) }
        }
        try await stores.ensurePartitions(from: Moment.ago(45 * Moment.day))
        try await stores.record(records.sorted { $0.occurredAt < $1.occurredAt })
        let found = try await list(ada) { $0.isOverScoped = true }
        #expect(Set(found.items.map(\.id)) == expected)
        #expect(found.total == expected.count)
        #expect((10...145).contains(expected.count))
    }

    @Test func scopesAreJudgedOnceTheyHaveStoodForThirtyDays() async throws {
        let ada = try await stores.register()
        let (old, young) = (try await aged(ada, 30), try await stores.token(of: ada, createdAt: Moment.ago(30 * Moment.day - 1)))
        func found() async throws -> Set<TokenID> { Set(try await list(ada) { $0.isOverScoped = true }.items.map(\.id)) }
        #expect(try await found() == [old.id])
        // The same scopes again change nothing; others begin anew.
        let same = try await stores.tokens.update(
            old.id, in: old.tenant, change { $0.scopes = [.coarse(.read)] }, ifVersion: 1, at: Moment.ago(Moment.day))
        #expect(same?.version == 2)
        #expect(try await found() == [old.id])
        _ = try await stores.tokens.update(
            old.id, in: old.tenant, change { $0.scopes = [.coarse(.write)] }, ifVersion: 2, at: Moment.ago(Moment.day))
        #expect(try await found() == [])
        #expect(young.version == 1)
    }

    @Test func everyFilterFindsItsOwnAndAllOfThemTogether() async throws {
        let (ada, bob) = (try await stores.register(), try await stores.register())
        var made: [(token: APIToken, never: Bool, idle: Bool, exposed: Bool)] = []
        for index in 0..<24 {
            let (never, idle, exposed) = (index % 2 == 0, index % 3 == 0, index % 4 < 2)
            let token = try await stores.token(
                of: ada, name: "\(index < 12 ? "ci" : "web") \(index)", expiresAt: never ? nil : Moment.after(Moment.day),
                createdAt: Moment.ago(50 * Moment.day + Double(index)))
            made.append((token, never, idle, exposed))
            // Bob's have every risk there is.
            let other = try await stores.token(of: bob, createdAt: Moment.ago(50 * Moment.day))
            for id in exposed ? [token.id, other.id] : [other.id] {
                _ = try await stores.superuser.query("UPDATE tessera.api_tokens SET exposed_at = now() WHERE id = \(id.uuid)")
            }
        }
        try await stores.ensurePartitions(from: Moment.ago(45 * Moment.day))
        // Half of the idle ones were never used, the others longer ago than that.
        try await stores.record(
            made.enumerated().compactMap { index, made in
                if made.idle, index % 2 == 0 { return nil }
                return .sample(of: made.token.id, in: ada.tenantID, at: Moment.ago((made.idle ? 11 : 9) * Moment.day))
            })
        for never in [false, true] {
            for idle in [nil, 10] {
                for exposed in [false, true] {
                    for search in [nil, "CI "] {
                        let expected = made.filter {
                            (!never || $0.never) && (idle == nil || $0.idle) && (!exposed || $0.exposed)
                                && (search == nil || $0.token.name.hasPrefix("ci"))
                        }
                        .map(\.token.id)
                        var walked: [TokenID] = []
                        for page in 1...5 {
                            let part = try await list(ada, search: search, page: page, limit: 5) { risks in
                                (risks.neverExpires, risks.idleDays, risks.isExposed) = (never, idle, exposed)
                            }
                            #expect(part.total == expected.count)
                            walked += part.items.map(\.id)
                        }
                        #expect(walked == expected)
                    }
                }
            }
        }
    }

    @Test func idleCountsFromTheLatestUseOrFromTheCreation() async throws {
        let ada = try await stores.register()
        let (used, never) = (try await aged(ada, 60), try await aged(ada, 20))
        try await stores.ensurePartitions(from: Moment.ago(20 * Moment.day))
        try await stores.record([.sample(of: used.id, in: used.tenant, at: Moment.ago(10 * Moment.day))])
        for (days, expected) in [(1, [used.id, never.id]), (9, [used.id, never.id]), (10, [never.id]), (19, [never.id]), (20, []), (400, [])] {
            #expect(Set(try await list(ada) { $0.idleDays = days }.items.map(\.id)) == Set(expected), "\(days)")
        }
    }

    @Test func aNeedIsWrittenOnceAnHourAndNeverMovesBack() async throws {
        let ada = try await stores.register()
        let token = try await aged(ada, 60)
        try await stores.ensurePartitions(from: Moment.ago(2 * Moment.day))
        func need(_ seconds: Double) async throws -> (time: Date, place: String) {
            try await stores.record([
                .sample(of: token.id, in: token.tenant, at: Moment.ago(seconds), needed: PermissionSet([.dataRead])),
                .sample(of: token.id, in: token.tenant, at: Moment.ago(seconds + 1), needed: PermissionSet([.dataRead])),
            ])
            // Where the row lies, and who locked it: unchanged, if nobody touched it.
            return try await stores.superuser.query(
                "SELECT last_needed_at, ctid::text || ' ' || xmin || ' ' || xmax FROM tessera.token_permission_use WHERE token_id = \(token.id.uuid)"
            ).decode(Date.self, String.self)[0]
        }
        let first = try await need(7200)
        #expect(first.time.inMicroseconds == Moment.ago(7200).inMicroseconds)
        for seconds in [7199.0, 3601, 9000, 86_400] {
            let next = try await need(seconds)
            #expect(next.place == first.place, "\(seconds)")
        }
        #expect(try await need(3599).time.inMicroseconds == Moment.ago(3599).inMicroseconds)
        #expect(try await need(86_400).time.inMicroseconds == Moment.ago(3599).inMicroseconds)
    }

    /// Whether one scope could go, or give way to a narrower one, and the token would reach less, yet all that it needed.
    private static func couldReachLess(_ scopes: [Scope], needing needed: PermissionSet) -> Bool {
        let reach = scopes.permissions
        return scopes.contains { scope in
            let others = scopes.filter { $0 != scope }
            return narrower(scope).contains { narrow in
                let left = (others + narrow).permissions
                return left != reach && needed.intersection(reach).isSubset(of: left)
            }
        }
    }

    private static func narrower(_ scope: Scope) -> [[Scope]] {
        switch scope.description {
        case "admin": [[], [.coarse(.read)], [.coarse(.write)]]
        case "write": [[], [.coarse(.read)]]
        case let name where name.hasSuffix(":write"): [[]] + [Scope(name.replacing(":write", with: ":read"))].compactMap(\.self).map { [$0] }
        default: [[]]
        }
    }

    private func aged(_ account: Account, _ days: Double) async throws -> APIToken {
        try await stores.token(of: account, createdAt: Moment.ago(days * Moment.day))
    }

    private func change(_ set: (inout TokenChange) -> Void) -> TokenChange {
        var change = TokenChange()
        set(&change)
        return change
    }

    private func list(
        _ account: Account, search: String? = nil, page: Int = 1, limit: Int = 100, _ set: (inout TokenRisks) -> Void
    ) async throws -> Page<APIToken> {
        var filter = TokenFilter(search: search)
        set(&filter.risks)
        let page = PageRequest(.number(page), limit: limit)
        var items: [APIToken] = []
        var listing = try await stores.tokens.tokens(in: account.tenantID, filter, page, countingRequests: false, at: Moment.now).page
        let total = listing.total
        items += listing.items
        // A limit of 100 means all.
        while limit == 100, let next = listing.next {
            listing = try await stores.tokens.tokens(
                in: account.tenantID, filter, PageRequest(.after(next), limit: limit), countingRequests: false, at: Moment.now
            ).page
            items += listing.items
        }
        return Page(items: items, total: total, next: nil)
    }
}
