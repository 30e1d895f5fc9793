package import Domain
import FoundationEssentials
import Postgres

/// Stores batches of usage: one statement a batch, which is one transaction.
package struct UsageIngest: UsageSink {
    private let database: IngestDatabase

    package init(_ database: IngestDatabase) { self.database = database }

    package func store(_ batch: UsageBatch) async throws {
        do {
            _ = try await database.pool.query(Self.statement(batch))
        } catch let error as PostgresError {
            // Class 22 is bad data, 23 a violated constraint, such as a time that no partition is for, 54 what is too large.
            if let condition = error.sqlState?.condition, ["22", "23", "54"].contains(condition) {
                throw UsageRejected(reason: String(reflecting: error))
            }
            throw error
        }
    }

    /// `mark` lets a batch through once: only if it comes after what this recorder stored last. (Not only right after: a database
    /// that was restored to an earlier time knows less than the recorder, and must not swallow what follows.) Everything else
    /// reads from `batch`, which is empty otherwise. Rollups are added to in the order of their keys, so that two nodes can't deadlock.
    private static func statement(_ batch: UsageBatch) -> SQL {
        let records = batch.entries.map(\.record)
        let needs = PermissionNeed.latest(in: records)
        return """
            WITH mark AS (
                INSERT INTO tessera.usage_mark AS m (incarnation, last_seq, updated_at)
                VALUES (\(batch.incarnation), \(batch.sequence.upperBound), now())
                ON CONFLICT (incarnation) DO UPDATE SET last_seq = excluded.last_seq, updated_at = now()
                WHERE m.last_seq < \(batch.sequence.lowerBound)
                RETURNING 1
            ), batch AS MATERIALIZED (
                SELECT * FROM unnest(
                    \(records.map(\.tenant.uuid)), \(records.map(\.token.uuid)), \(records.map(\.occurredAt)), \(records.map(\.id)),
                    \(records.map(\.method)), \(records.map { Int16(clamping: $0.status) }), \(records.map { Int32(clamping: $0.processingTime) }),
                    \(records.map(\.endpoint)), \(records.map { $0.ipAddress?.inet }), \(records.map(\.userAgent)), \(records.map(\.requestID)),
                    \(batch.entries.map(\.isListed)), \(records.map(\.isTaken)), \(records.map { $0.secret == .replaced }), \(records.map { $0.secret == .ended })
                ) AS b (tenant_id, token_id, occurred_at, id, method, status, time_us, endpoint, ip_address, user_agent, request_id, listed,
                    is_taken, is_replaced, is_ended)
                WHERE EXISTS (SELECT FROM mark)
            ), listed AS (
                INSERT INTO tessera.api_token_usage
                    (tenant_id, token_id, occurred_at, id, method, response_status, processing_time_us, endpoint, ip_address, user_agent, request_id)
                SELECT tenant_id, token_id, occurred_at, id, method, status, time_us, endpoint, ip_address, user_agent, request_id
                FROM batch WHERE listed
            ), hourly AS (\(rollup("hour", into: "tessera.api_token_usage_hourly"))
            ), daily AS (\(rollup("day", into: "tessera.api_token_usage_daily"))
            ), located AS (
                -- What was taken, or refused to a live token: who shows a dead one is nobody whose place matters.
                SELECT tenant_id, token_id, id, occurred_at, ip_address, is_taken,
                    network(set_masklen(ip_address, CASE family(ip_address) WHEN 4 THEN 24 ELSE 48 END))::cidr AS network
                FROM batch WHERE status <> 401 AND ip_address IS NOT NULL
            ), moved AS (
                -- By primary key, and as the activity was before this batch: the first network of all is no news.
                INSERT INTO tessera.token_events (tenant_id, token_id, kind, day, id, occurred_at, ip_address)
                SELECT DISTINCT ON (l.tenant_id, l.token_id, day) l.tenant_id, l.token_id, 'new_network',
                    (l.occurred_at AT TIME ZONE 'UTC')::date AS day, l.id, l.occurred_at, l.ip_address
                FROM located l JOIN tessera.token_activity a ON a.tenant_id = l.tenant_id AND a.token_id = l.token_id
                WHERE a.networks <> '{}' AND l.network <> ALL (a.networks)
                ORDER BY l.tenant_id, l.token_id, day, l.occurred_at
                ON CONFLICT DO NOTHING
            ), places AS (
                SELECT tenant_id, token_id, (array_agg(network ORDER BY at DESC))[1:10] AS networks
                FROM (SELECT tenant_id, token_id, network, max(occurred_at) AS at FROM located WHERE is_taken GROUP BY 1, 2, 3) n GROUP BY 1, 2
            ), activity AS (
                -- What was refused is no use: else a token that idled too long would be taken again at the second try.
                INSERT INTO tessera.token_activity AS a (tenant_id, token_id, last_used_at, last_used_ip, last_used_user_agent, networks)
                SELECT DISTINCT ON (b.tenant_id, b.token_id) b.tenant_id, b.token_id, b.occurred_at, b.ip_address, b.user_agent,
                    coalesce(p.networks, '{}')
                FROM batch b LEFT JOIN places p ON p.tenant_id = b.tenant_id AND p.token_id = b.token_id
                WHERE b.is_taken ORDER BY b.tenant_id, b.token_id, b.occurred_at DESC
                ON CONFLICT (tenant_id, token_id) DO UPDATE SET last_used_at = excluded.last_used_at, last_used_ip = excluded.last_used_ip,
                    last_used_user_agent = excluded.last_used_user_agent,
                    networks = (excluded.networks || ARRAY(SELECT n FROM unnest(a.networks) n WHERE n <> ALL (excluded.networks)))[1:10]
                WHERE a.last_used_at <= excluded.last_used_at
            ), replaced AS (
                -- The one whose overlap it was: by the first columns of the primary key.
                UPDATE tessera.token_secrets s SET last_used_at = u.at
                FROM (SELECT tenant_id, token_id, max(occurred_at) AS at FROM batch WHERE is_replaced GROUP BY 1, 2) u
                WHERE s.tenant_id = u.tenant_id AND s.token_id = u.token_id AND s.replaced_at <= u.at AND s.good_until > u.at
                  AND (s.last_used_at IS NULL OR s.last_used_at < u.at)
            ), needed AS (
                -- Only what isn't known to the hour already: looked up by primary key, so that the rest isn't even locked.
                INSERT INTO tessera.token_permission_use AS u (tenant_id, token_id, permission, last_needed_at)
                SELECT n.tenant_id, n.token_id, n.permission, n.at
                FROM unnest(\(needs.map(\.key.tenant.uuid)), \(needs.map(\.key.token.uuid)), \(needs.map(\.key.permission.rawValue)), \(needs.map(\.at)))
                    AS n (tenant_id, token_id, permission, at)
                WHERE EXISTS (SELECT FROM mark) AND NOT EXISTS (
                    SELECT FROM tessera.token_permission_use k WHERE k.tenant_id = n.tenant_id AND k.token_id = n.token_id
                        AND k.permission = n.permission AND k.last_needed_at > n.at - make_interval(secs => \(ScopeJudgement.tolerance)))
                ORDER BY 1, 2, 3
                ON CONFLICT (tenant_id, token_id, permission) DO UPDATE SET last_needed_at = excluded.last_needed_at
                WHERE u.last_needed_at < excluded.last_needed_at
            ), noticed AS (
                INSERT INTO tessera.token_events (tenant_id, token_id, kind, day, id, occurred_at, ip_address)
                SELECT DISTINCT ON (tenant_id, token_id, day) tenant_id, token_id, 'ended_secret_used', (occurred_at AT TIME ZONE 'UTC')::date AS day,
                    id, occurred_at, ip_address
                FROM batch WHERE is_ended ORDER BY tenant_id, token_id, day, occurred_at
                ON CONFLICT DO NOTHING
            )
            SELECT count(*) FROM mark
            """
    }

    private static func rollup(_ unit: String, into table: String) -> SQL {
        """
        INSERT INTO \(unsafeRaw: table) AS r
            (tenant_id, token_id, bucket, method, status, requests, duration_us_sum, le_1ms, le_5ms, le_25ms, le_100ms, le_500ms, le_2500ms, listed)
        SELECT tenant_id, token_id, date_trunc('\(unsafeRaw: unit)', occurred_at, 'UTC'), method, status, count(*), sum(time_us),
            count(*) FILTER (WHERE time_us <= 1000), count(*) FILTER (WHERE time_us <= 5000), count(*) FILTER (WHERE time_us <= 25000),
            count(*) FILTER (WHERE time_us <= 100000), count(*) FILTER (WHERE time_us <= 500000), count(*) FILTER (WHERE time_us <= 2500000),
            count(*) FILTER (WHERE listed)
        FROM batch GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
        ON CONFLICT (tenant_id, token_id, bucket, method, status) DO UPDATE SET
            requests = r.requests + excluded.requests, duration_us_sum = r.duration_us_sum + excluded.duration_us_sum,
            le_1ms = r.le_1ms + excluded.le_1ms, le_5ms = r.le_5ms + excluded.le_5ms, le_25ms = r.le_25ms + excluded.le_25ms,
            le_100ms = r.le_100ms + excluded.le_100ms, le_500ms = r.le_500ms + excluded.le_500ms,
            le_2500ms = r.le_2500ms + excluded.le_2500ms, listed = r.listed + excluded.listed
        """
    }
}
