import Domain
import FoundationEssentials
import Postgres

extension UsageRecord {
    static func sample(
        of token: TokenID, in tenant: TenantID, at time: Date = Moment.now, method: String = "GET", endpoint: String = "/api/v1/me",
        status: Int = 200, processingTime: Int = 1_500, userAgent: String? = "curl/8.5", ipAddress: IPAddress? = IPAddress("203.0.113.7"),
        needed: PermissionSet = PermissionSet()
    ) -> UsageRecord {
        UsageRecord(
            id: .v7(at: time), tenant: tenant, token: token, occurredAt: time, method: method, endpoint: endpoint, status: status,
            processingTime: processingTime, ipAddress: ipAddress, userAgent: userAgent, requestID: UUID(), needed: needed)
    }
}

extension UsageBatch {
    /// All of `records`, listed, as the first batch of a recorder that has just started.
    static func first(_ records: [UsageRecord], listed: Bool = true) -> UsageBatch {
        UsageBatch(incarnation: UUID(), sequence: 1...max(1, records.count), entries: records.map { .init(record: $0, isListed: listed) })
    }
}

extension Stores {
    /// Makes the partitions of the weeks from `first` to `last`.
    func ensurePartitions(from first: Date = Moment.ago(15 * 7 * 86_400), to last: Date = Moment.now) async throws {
        var day = first
        while day < last + 7 * 86_400 {
            try await partitions.ensure(day)
            day += 7 * 86_400
        }
    }

    /// Stores `records` in batches of a thousand.
    func record(_ records: [UsageRecord]) async throws {
        for start in stride(from: 0, to: records.count, by: 1_000) {
            try await sink.store(.first(Array(records[start..<min(start + 1_000, records.count)])))
        }
    }

    /// Makes the partition that `record` lies in, and stores it.
    func record(_ record: UsageRecord) async throws {
        try await partitions.ensure(record.occurredAt)
        try await self.record([record])
    }
}
