import Domain
import Foundation
import Testing

/// The usage log as its owner reads it: totals come from the rollups and must be those of the rows.
@Suite(.ownDatabase) struct UsageTableTests {
    @Test func totalsEqualTheRowsForAnyRangeAndFilter() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        let token = try await stores.token(of: account)
        let span = 17 * Moment.day
        let records = (0..<3_000).map { _ in
            UsageRecord.sample(
                of: token.id, in: token.tenant, at: Moment.ago(.random(in: 1..<span)), method: ["GET", "POST"].randomElement()!,
                endpoint: ["/a", "/b"].randomElement()!, status: [200, 201, 404, 500].randomElement()!)
        }
        try await stores.ensurePartitions(from: Moment.ago(span))
        try await stores.record(records)
        for _ in 0..<60 {
            let (one, two) = (Moment.ago(.random(in: 0..<span)), Moment.ago(.random(in: 0..<span)))
            let filter = UsageFilter(
                from: Bool.random() ? min(one, two) : nil, to: Bool.random() ? max(one, two) : nil,
                status: [nil, UsageFilter.StatusFilter("4xx"), UsageFilter.StatusFilter("200")].randomElement()!,
                method: [nil, "POST"].randomElement()!, endpoint: [nil, nil, "/b"].randomElement()!)
            let matching = records.filter { Self.matches($0, filter) }
                .sorted { ($0.occurredAt, $0.id.lowercased) > ($1.occurredAt, $1.id.lowercased) }
            let page = try await stores.usage().usage(of: token.id, in: token.tenant, filter, PageRequest(.number(2), limit: 20)).page
            #expect(page.total == matching.count)
            #expect(page.items.map(\.id) == matching.dropFirst(20).prefix(20).map(\.id))
        }
    }

    @Test func cursorsWalkTheWholeLogOnce() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        let token = try await stores.token(of: account)
        try await stores.partitions.ensure(Moment.now)
        // Many of the same microsecond: the id decides.
        let records = (0..<1_050).map { UsageRecord.sample(of: token.id, in: token.tenant, at: Moment.ago(Double($0 / 300))) }
        try await stores.record(records)
        var walked: [UUID] = []
        var position = PageRequest.Position.number(1)
        while true {
            let page = try await stores.usage().usage(of: token.id, in: token.tenant, UsageFilter(), PageRequest(position, limit: 100)).page
            walked += page.items.map(\.id)
            guard let next = page.next else { break }
            position = .after(next)
        }
        #expect(walked.count == 1_050)
        #expect(Set(walked) == Set(records.map(\.id)))
    }

    @Test func anotherTenantSeesNone() async throws {
        let stores = try Stores.required()
        let token = try await stores.token(of: try await stores.register())
        let other = try await stores.register()
        try await stores.record(.sample(of: token.id, in: token.tenant))
        let seen = try await stores.usage().usage(of: token.id, in: other.tenantID, UsageFilter(), PageRequest(.number(1), limit: 20))
        #expect(seen.owner == nil)
        #expect(seen.page.items.isEmpty)
        #expect(seen.page.total == 0)
    }

    private static func matches(_ record: UsageRecord, _ filter: UsageFilter) -> Bool {
        record.occurredAt >= filter.from ?? .distantPast && record.occurredAt < filter.to ?? .distantFuture
            && filter.status?.range.contains(record.status) ?? true && record.method == filter.method ?? record.method
            && record.endpoint == filter.endpoint ?? record.endpoint
    }
}
