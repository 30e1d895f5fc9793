import Domain
import FoundationEssentials
import Postgres

extension TokenTable {
    /// The requests of each token at `place` in each hour since `start`: for every token of the page one walk along the primary key of
    /// the hourly rollup, at most a day long.
    static func requests(_ tenant: TenantID, of place: SQL, since start: Date) -> SQL {
        """
        WITH page AS MATERIALIZED (SELECT t.id FROM tessera.api_tokens t \(place))
        SELECT page.id, h.bucket, h.requests FROM page CROSS JOIN LATERAL (
            SELECT u.bucket, sum(u.requests)::bigint AS requests FROM tessera.api_token_usage_hourly u
            WHERE u.tenant_id = \(tenant.uuid) AND u.token_id = page.id AND u.bucket >= \(start) GROUP BY u.bucket
        ) h
        """
    }

    static func requests(_ rows: Rows, since start: Date) throws -> [TokenID: HourlyRequests] {
        try rows.decode(UUID.self, Date.self, Int.self).reduce(into: [:]) { counted, row in
            counted[TokenID(row.0), default: HourlyRequests()].add(row.2, in: row.1, since: start)
        }
    }
}
