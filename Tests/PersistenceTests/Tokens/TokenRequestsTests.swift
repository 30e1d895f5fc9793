import Domain
import Foundation
import Postgres
import Support
import Testing

/// How often each token of a list was used in each of the last 24 hours.
@Suite(.ownDatabase) struct TokenRequestsTests {
    private let stores: Stores

    init() throws { stores = try .required() }

    @Test func everyHourHasItsCountWhateverTheMethodAndStatus() async throws {
        let ada = try await stores.register()
        let (busy, idle) = (try await stores.token(of: ada, createdAt: Moment.ago(9)), try await stores.token(of: ada, createdAt: Moment.ago(8)))
        // 10:20:30 now: the first of the hours began at 11:00 the day before.
        let start = HourlyRequests.start(at: Moment.now)
        #expect(start == Date(timeIntervalSince1970: 1_772_535_600))
        var expected = [Int](repeating: 0, count: 24)
        var records: [UsageRecord] = []
        for hour in 0..<24 {
            for _ in 0..<(hour * 5 % 7) {
                let time = min(Moment.now, start + Double(hour) * 3600 + [0, 1799.5, 3599.999999].randomElement()!)
                records.append(
                    .sample(
                        of: busy.id, in: busy.tenant, at: time, method: ["GET", "POST"].randomElement()!, status: [200, 403, 500].randomElement()!))
                expected[hour] += 1
            }
        }
        // The microsecond before, and another day at the same hour.
        for early in [0.000001, 86_400] { records.append(.sample(of: busy.id, in: busy.tenant, at: start - early)) }
        try await stores.ensurePartitions(from: Moment.ago(3 * Moment.day))
        try await stores.record(records)
        let listing = try await list(ada, .number(1), limit: 25)
        #expect(listing.page.items.map(\.id) == [idle.id, busy.id])
        #expect(listing.requests?[busy.id]?.counts == expected)
        #expect(listing.requests?[idle.id] == nil)
        // Nobody asked: nothing is counted.
        let plain = try await stores.tokens.tokens(
            in: ada.tenantID, TokenFilter(), PageRequest(.number(1), limit: 25), countingRequests: false, at: Moment.now)
        #expect(plain.requests == nil)
    }

    @Test func onEveryPageEachTokenHasItsOwn() async throws {
        let (ada, bob) = (try await stores.register(), try await stores.register())
        var records: [UsageRecord] = []
        var counts: [TokenID: Int] = [:]
        for index in 0..<7 {
            let token = try await stores.token(of: ada, createdAt: Moment.after(Double(index)))
            counts[token.id] = index
            for _ in 0..<index { records.append(.sample(of: token.id, in: token.tenant)) }
            // The same token id in another tenant is another token.
            records.append(.sample(of: token.id, in: bob.tenantID))
        }
        try await stores.ensurePartitions(from: Moment.ago(Moment.day))
        try await stores.record(records)
        var seen: [TokenID: Int] = [:]
        var position = PageRequest.Position.number(1)
        while true {
            let listing = try await list(ada, position, limit: 3)
            for token in listing.page.items { seen[token.id] = listing.requests?[token.id]?.counts.last ?? 0 }
            guard let next = listing.page.next else { break }
            position = .after(next)
        }
        #expect(seen == counts)
        #expect(try await list(bob, .number(1), limit: 25).requests?.isEmpty == true)
    }

    /// However much history other tokens have, a page reads its own tokens' last day. In a database where nobody else reads.
    @Test func thePrimaryKeyServesTheCounts() async throws {
        try await Stores.with { stores in
            let ada = try await stores.register()
            let token = try await stores.token(of: ada)
            _ = try await stores.superuser.query(
                """
                INSERT INTO tessera.api_token_usage_hourly
                SELECT \(ada.tenantID.uuid), gen_random_uuid(), b, 'GET', 200, 1, 1, 1, 1, 1, 1, 1, 1, 1
                FROM generate_series(1, 50), generate_series(\(Moment.ago(30 * Moment.day))::timestamptz, \(Moment.now), '1 hour') b
                """)
            _ = try await stores.superuser.query("ANALYZE tessera.api_token_usage_hourly")
            try await stores.record(.sample(of: token.id, in: token.tenant))
            /// How often the rollup was read by its primary key, and as a whole.
            func scans() async throws -> (index: Int, whole: Int) {
                try await stores.superuser.query(
                    """
                    SELECT (SELECT sum(idx_scan)::bigint FROM pg_stat_user_indexes WHERE indexrelname = 'api_token_usage_hourly_pkey'),
                        (SELECT sum(seq_scan)::bigint FROM pg_stat_user_tables WHERE relname = 'api_token_usage_hourly')
                    """
                ).decode(Int.self, Int.self)[0]
            }
            let before = try await scans()
            let listing = try await stores.tokens.tokens(
                in: ada.tenantID, TokenFilter(), PageRequest(.number(1), limit: 25), countingRequests: true, at: Moment.now)
            #expect(listing.requests?[token.id]?.counts.last == 1)
            try await eventually("the scans are counted") { try await scans().index > before.index }
            #expect(try await scans().whole == before.whole)
        }
    }

    private func list(_ account: Account, _ position: PageRequest.Position, limit: Int) async throws -> TokenListing {
        try await stores.tokens.tokens(
            in: account.tenantID, TokenFilter(), PageRequest(position, limit: limit), countingRequests: true, at: Moment.now)
    }
}
