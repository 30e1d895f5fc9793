-- The audit log as it is read, verified and kept: indexes, who may read it, how its start is dropped, and which heads were logged.

-- +up
-- A tenant's list, newest first, is in the order of the primary key. What a filter leaves is found by these, each ending in that order:
-- audit_log_action_idx     a tenant's entries of one action
-- audit_log_actor_idx      one actor's, of a tenant or of all: an id is seldom known to many
-- audit_log_nobody_idx     a tenant's by the product or by strangers, who have no id
-- audit_log_target_id_idx  one target's, of a tenant or of all
-- audit_log_time_idx       all tenants', for platform administrators; and what is old enough to be dropped
-- audit_log_any_action_idx all tenants' of one action
CREATE INDEX audit_log_action_idx ON tessera.audit_log (tenant_id, action, occurred_at, id);
CREATE INDEX audit_log_actor_idx ON tessera.audit_log (actor_id, occurred_at, id) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_log_nobody_idx ON tessera.audit_log (tenant_id, actor_type, occurred_at, id) WHERE actor_id IS NULL;
CREATE INDEX audit_log_target_id_idx ON tessera.audit_log (target_id, occurred_at, id);
CREATE INDEX audit_log_time_idx ON tessera.audit_log (occurred_at, id);
CREATE INDEX audit_log_any_action_idx ON tessera.audit_log (action, occurred_at, id);

-- Where what is left of each tenant's chain begins: the last entry that was dropped because it was old enough.
CREATE TABLE tessera.audit_anchor (
    tenant_id  uuid PRIMARY KEY,
    seq        bigint NOT NULL,
    hash       bytea NOT NULL,
    dropped_at timestamptz NOT NULL
);
ALTER TABLE tessera.audit_anchor ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.audit_anchor FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.audit_anchor FOR ALL TO tessera_owner USING (true) WITH CHECK (true);

-- Which head of each tenant was last written to the log of a node. Apart from audit_head, whose rows every change waits for.
CREATE TABLE tessera.audit_head_logged (
    tenant_id uuid PRIMARY KEY,
    seq       bigint NOT NULL
);
ALTER TABLE tessera.audit_head_logged ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.audit_head_logged FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.audit_head_logged FOR ALL TO tessera_owner USING (true) WITH CHECK (true);

-- Platform administrators read all, and tessera-api audit verify does as the same role; neither changes anything.
CREATE POLICY platform_reading ON tessera.audit_log FOR SELECT TO tessera_admin USING (true);
CREATE POLICY platform_reading ON tessera.audit_head FOR SELECT TO tessera_admin USING (true);
CREATE POLICY platform_reading ON tessera.audit_anchor FOR SELECT TO tessera_admin USING (true);
GRANT SELECT ON tessera.audit_log, tessera.audit_head, tessera.audit_anchor TO tessera_admin;

-- Drops up to `most` entries that are older than `days`, always from the start of a chain, and moves its anchor there. An old entry behind
-- a younger one (two nodes' clocks differ) waits for that one. The tenants by audit_log_time_idx, a chain's start by audit_log_seq_key.
-- Answers how many; null if `who` doesn't hold the job any more.
CREATE FUNCTION tessera.audit_drop(who uuid, most integer, days integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
$$
DECLARE
    cutoff timestamptz := now() - make_interval(days => days);
    chain uuid;
    gone bigint;
    dropped bigint := 0;
BEGIN
    IF NOT tessera.job_hold('tokens', who) THEN
        RETURN NULL;
    END IF;
    FOR chain IN
        SELECT DISTINCT due.tenant_id FROM (
            SELECT l.tenant_id FROM tessera.audit_log l
            WHERE l.occurred_at < cutoff
              AND (SELECT f.occurred_at FROM tessera.audit_log f WHERE f.tenant_id = l.tenant_id ORDER BY f.seq LIMIT 1) < cutoff
            ORDER BY l.occurred_at LIMIT most
        ) due
        ORDER BY due.tenant_id
    LOOP
        EXIT WHEN dropped >= most;
        WITH start AS (
            SELECT l.seq, l.hash, l.occurred_at >= cutoff AS is_young FROM tessera.audit_log l
            WHERE l.tenant_id = chain ORDER BY l.seq LIMIT most - dropped
        ), old AS (
            SELECT s.seq, s.hash FROM start s
            WHERE s.seq < coalesce((SELECT min(y.seq) FROM start y WHERE y.is_young), 9223372036854775807)
        ), removed AS (
            DELETE FROM tessera.audit_log l USING old WHERE l.tenant_id = chain AND l.seq = old.seq RETURNING l.seq
        ), anchored AS (
            INSERT INTO tessera.audit_anchor AS a (tenant_id, seq, hash, dropped_at)
            SELECT chain, old.seq, old.hash, now() FROM old ORDER BY old.seq DESC LIMIT 1
            ON CONFLICT (tenant_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, dropped_at = excluded.dropped_at
        )
        SELECT count(*) INTO gone FROM removed;
        dropped := dropped + gone;
    END LOOP;
    RETURN dropped;
END
$$;

-- Up to `most` heads that have moved since they were last logged, of tenants behind `behind` (null: of all), by the primary keys of both tables and
-- audit_log_seq_key. Nothing if `who` doesn't hold the job any more.
CREATE FUNCTION tessera.audit_heads_due(who uuid, most integer, behind uuid, OUT tenant uuid, OUT seq bigint, OUT hash bytea,
    OUT occurred_at timestamptz) RETURNS SETOF record
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
$$
BEGIN
    IF NOT tessera.job_hold('audit_heads', who) THEN
        RETURN;
    END IF;
    RETURN QUERY
        SELECT h.tenant_id, h.seq, h.hash, l.occurred_at FROM tessera.audit_head h
        LEFT JOIN tessera.audit_head_logged d ON d.tenant_id = h.tenant_id
        LEFT JOIN tessera.audit_log l ON l.tenant_id = h.tenant_id AND l.seq = h.seq
        WHERE (behind IS NULL OR h.tenant_id > behind) AND d.seq IS DISTINCT FROM h.seq
        ORDER BY h.tenant_id LIMIT most;
END
$$;

-- Notes that these heads are in a log now, by primary key.
CREATE FUNCTION tessera.audit_heads_note(tenants uuid[], seqs bigint[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS
$$
    INSERT INTO tessera.audit_head_logged (tenant_id, seq)
    SELECT n.tenant_id, n.seq FROM unnest(tenants, seqs) AS n (tenant_id, seq) ORDER BY n.tenant_id
    ON CONFLICT (tenant_id) DO UPDATE SET seq = excluded.seq
$$;

REVOKE ALL ON FUNCTION tessera.audit_drop(uuid, integer, integer), tessera.audit_heads_due(uuid, integer, uuid),
    tessera.audit_heads_note(uuid[], bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.audit_drop(uuid, integer, integer), tessera.audit_heads_due(uuid, integer, uuid),
    tessera.audit_heads_note(uuid[], bigint[]) TO tessera_jobs;

-- +down
DROP FUNCTION tessera.audit_drop(uuid, integer, integer);
DROP FUNCTION tessera.audit_heads_due(uuid, integer, uuid);
DROP FUNCTION tessera.audit_heads_note(uuid[], bigint[]);
DROP POLICY platform_reading ON tessera.audit_log;
DROP POLICY platform_reading ON tessera.audit_head;
REVOKE SELECT ON tessera.audit_log, tessera.audit_head FROM tessera_admin;
DROP TABLE tessera.audit_anchor, tessera.audit_head_logged;
DROP INDEX tessera.audit_log_action_idx, tessera.audit_log_actor_idx, tessera.audit_log_nobody_idx, tessera.audit_log_target_id_idx,
    tessera.audit_log_time_idx, tessera.audit_log_any_action_idx;
