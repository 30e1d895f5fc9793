package import Domain
import FoundationEssentials
import Postgres

/// The usage log, read one token at a time.
package struct UsageTable: UsageStore {
    private let database: TenantDatabase
    private let retentionDays: Int
    private let now: Now

    /// - Parameter retentionDays: how long records are kept; totals never count what is no longer listed.
    package init(_ database: TenantDatabase, retentionDays: Int, now: @escaping Now) {
        self.database = database
        self.retentionDays = retentionDays
        self.now = now
    }

    package func usage(
        of token: TokenID, in tenant: TenantID, _ filter: UsageFilter, _ page: PageRequest
    ) async throws -> UsagePage {
        let from = max(filter.from ?? .distantPast, UsageRange.oldest(retentionDays: retentionDays, at: now()))
        let selection = Selection(tenant: tenant, token: token, from: from, filter: filter)
        let isCounted = page.keyset == nil
        let rows = try await database.unit(
            tenant,
            // The owner by primary key, of a tombstone too; the page and the total by the logs' primary keys.
            [
                "SELECT owner_type, owner_id FROM tessera.api_tokens WHERE tenant_id = \(tenant.uuid) AND id = \(token.uuid)",
                selection.page(page),
            ] + (isCounted ? [selection.total] : []))
        let records = try rows[1].map { try Self.record($0, tenant, token) }
        let counted = isCounted ? try rows[2].decode(Int.self).first : nil
        let isCapped = filter.endpoint != nil && (counted ?? 0) > PageRequest.deepest
        return UsagePage(
            owner: try rows[0].decode(String.self, UUID.self).first.map { SubjectID(stored: $0, $1) },
            page: Page(fetched: records, limit: page.limit, total: isCapped ? nil : counted, totalIsCapped: isCapped) {
                Keyset(time: $0.occurredAt, id: $0.id)
            })
    }

    private static func record(_ row: Row, _ tenant: TenantID, _ token: TokenID) throws -> UsageRecord {
        let (id, occurredAt, method, endpoint, status, time, ip, agent, request) = try row.decode(
            UUID.self, Date.self, String.self, String.self, Int.self, Int.self, InetAddress?.self, String?.self, UUID?.self)
        return UsageRecord(
            id: id, tenant: tenant, token: token, occurredAt: occurredAt, method: method, endpoint: endpoint, status: status,
            processingTime: time, ipAddress: IPAddress(ip), userAgent: agent, requestID: request)
    }

    /// The statements for one token, time range and filter.
    private struct Selection {
        let tenant: TenantID
        let token: TokenID
        let from: Date
        let filter: UsageFilter

        func page(_ page: PageRequest) -> SQL {
            var condition = rawCondition(from..<(filter.to ?? .distantFuture))
            if let keyset = page.keyset {
                // The plain bound beside the pair is what prunes partitions.
                condition = "\(condition) AND occurred_at <= \(keyset.time) AND (occurred_at, id) < (\(keyset.time), \(keyset.id))"
            }
            return """
                SELECT id, occurred_at, method, endpoint, response_status, processing_time_us, ip_address, user_agent, request_id
                FROM tessera.api_token_usage WHERE \(condition)
                ORDER BY occurred_at DESC, id DESC LIMIT \(page.limit + 1) OFFSET \(page.offset)
                """
        }

        /// How many there are: exact from the rollups; with an endpoint, which they don't know, counted up to one past the cap.
        var total: SQL {
            guard filter.endpoint == nil else {
                let condition = rawCondition(from..<(filter.to ?? .distantFuture))
                return "SELECT count(*) FROM (SELECT FROM tessera.api_token_usage WHERE \(condition) LIMIT \(PageRequest.deepest + 1)) AS capped"
            }
            let parts = UsageRange.parts(from: from, to: filter.to).map { part -> SQL in
                switch part {
                case .days(let range): "(SELECT coalesce(sum(requests), 0) FROM tessera.api_token_usage_daily WHERE \(rollupCondition(range)))"
                case .hours(let range): "(SELECT coalesce(sum(requests), 0) FROM tessera.api_token_usage_hourly WHERE \(rollupCondition(range)))"
                case .rows(let range): "(SELECT count(*) FROM tessera.api_token_usage WHERE \(rawCondition(range)))"
                }
            }
            let sum = parts.dropFirst().reduce(parts.first ?? "0") { "\($0) + \($1)" }
            return "SELECT (\(sum))::bigint"
        }

        private func rawCondition(_ range: Range<Date>) -> SQL {
            var condition: SQL = """
                tenant_id = \(tenant.uuid) AND token_id = \(token.uuid) AND occurred_at >= \(range.lowerBound) AND occurred_at < \(range.upperBound)
                """
            if let status = filter.status {
                condition = "\(condition) AND response_status BETWEEN \(status.range.lowerBound) AND \(status.range.upperBound)"
            }
            if let method = filter.method { condition = "\(condition) AND method = \(method)" }
            if let endpoint = filter.endpoint { condition = "\(condition) AND endpoint = \(endpoint)" }
            return condition
        }

        private func rollupCondition(_ range: Range<Date>) -> SQL {
            var condition: SQL = """
                tenant_id = \(tenant.uuid) AND token_id = \(token.uuid) AND bucket >= \(range.lowerBound) AND bucket < \(range.upperBound)
                """
            if let status = filter.status { condition = "\(condition) AND status BETWEEN \(status.range.lowerBound) AND \(status.range.upperBound)" }
            if let method = filter.method { condition = "\(condition) AND method = \(method)" }
            return condition
        }
    }
}
