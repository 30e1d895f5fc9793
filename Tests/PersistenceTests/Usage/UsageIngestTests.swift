import Domain
import Foundation
import Postgres
import Testing

/// What reaches the database is there once, or not at all.
@Suite(.ownDatabase) struct UsageIngestTests {
    @Test func aReplayedBatchCountsOnce() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        let token = try await stores.token(of: account)
        try await stores.partitions.ensure(Moment.now)
        let batch = UsageBatch.first((0..<10).map { .sample(of: token.id, in: token.tenant, at: Moment.after(Double($0))) })
        for _ in 0..<3 { try await stores.sink.store(batch) }
        try await stores.sink.store(UsageBatch(incarnation: batch.incarnation, sequence: 5...6, entries: Array(batch.entries[4...5])))
        #expect(try await stores.count("api_token_usage", where: "token_id = \(token.id.uuid)") == 10)
        #expect(try await stores.count("usage_mark", where: "incarnation = \(batch.incarnation) AND last_seq = 10") == 1)
        let daily = try await stores.superuser.query(
            "SELECT sum(requests)::bigint FROM tessera.api_token_usage_daily WHERE token_id = \(token.id.uuid)")
        #expect(try daily.decode(Int.self) == [10])
    }

    /// The database was restored to a time before some of what this recorder stored.
    @Test func aBatchAfterAGapIsStored() async throws {
        let stores = try Stores.required()
        let token = try await stores.token(of: try await stores.register())
        try await stores.partitions.ensure(Moment.now)
        let incarnation = UUID()
        for first in [1, 500] {
            let entry = UsageBatch.Entry(record: .sample(of: token.id, in: token.tenant), isListed: true)
            try await stores.sink.store(UsageBatch(incarnation: incarnation, sequence: first...first, entries: [entry]))
        }
        #expect(try await stores.count("api_token_usage", where: "token_id = \(token.id.uuid)") == 2)
    }

    @Test func aBadRecordFailsItsBatchAndNothingOfItIsStored() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        let token = try await stores.token(of: account)
        try await stores.partitions.ensure(Moment.now)
        let records = [Moment.now, Date(timeIntervalSince1970: 0)].map { UsageRecord.sample(of: token.id, in: token.tenant, at: $0) }
        await #expect(throws: UsageRejected.self) { try await stores.sink.store(.first(records)) }
        #expect(try await stores.count("api_token_usage", where: "token_id = \(token.id.uuid)") == 0)
        #expect(try await stores.count("api_token_usage_hourly", where: "token_id = \(token.id.uuid)") == 0)
    }

    @Test func activityNeverMovesBack() async throws {
        let stores = try Stores.required()
        let token = try await stores.token(of: try await stores.register())
        let ago = { UsageRecord.sample(of: token.id, in: token.tenant, at: Moment.ago($0), userAgent: "ünï") }
        try await stores.partitions.ensure(Moment.now)
        try await stores.sink.store(.first([ago(5), ago(0)]))
        try await stores.sink.store(.first([ago(60)]))
        let read = try #require(try await stores.reread(token))
        #expect(read.activity?.lastUsedAt.inMicroseconds == Moment.now.inMicroseconds)
        #expect(read.activity?.ipAddress == IPAddress("203.0.113.7"))
        #expect(read.activity?.userAgent == "ünï")
        #expect(read.version == 1)
    }
}
