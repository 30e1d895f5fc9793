-- Partitions are made and dropped by definer functions: no run-time role owns anything.
-- They live in a schema nobody may use, with row security and no policy, so that even a stray grant on one shows nothing.

-- +up
-- The week of `day` as the suffix of its partition's name, its Monday and the next. Weeks are ISO weeks in UTC.
CREATE FUNCTION tessera.usage_partition_week(day date, OUT name text, OUT starts_at timestamptz, OUT ends_at timestamptz)
    LANGUAGE sql IMMUTABLE SET search_path = '' AS
$$
    SELECT to_char(day, '"api_token_usage_p"IYYY"w"IW'),
           date_trunc('week', day::timestamp) AT TIME ZONE 'UTC',
           (date_trunc('week', day::timestamp) + interval '7 days') AT TIME ZONE 'UTC'
$$;

-- Makes the partition of the week that `day` lies in; does nothing if it is there. True if it was made.
CREATE FUNCTION tessera.usage_partition_ensure(day date) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET lock_timeout = '2s' AS
$$
DECLARE
    week record;
BEGIN
    SELECT * INTO week FROM tessera.usage_partition_week(day);
    -- Two nodes at once: the second waits here and then sees what the first made.
    PERFORM pg_advisory_xact_lock(hashtext('tessera.usage_partition'));
    IF to_regclass('tessera_partitions.' || week.name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE tessera_partitions.%I (LIKE tessera.api_token_usage INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
        CONSTRAINT occurred_in_week CHECK (occurred_at >= %L AND occurred_at < %L))', week.name, week.starts_at, week.ends_at);
    EXECUTE format('ALTER TABLE tessera_partitions.%I ENABLE ROW LEVEL SECURITY', week.name);
    EXECUTE format('ALTER TABLE tessera_partitions.%I FORCE ROW LEVEL SECURITY', week.name);
    EXECUTE format('ALTER TABLE tessera.api_token_usage ATTACH PARTITION tessera_partitions.%I FOR VALUES FROM (%L) TO (%L)',
        week.name, week.starts_at, week.ends_at);
    EXECUTE format('ALTER TABLE tessera_partitions.%I DROP CONSTRAINT occurred_in_week', week.name);
    RETURN true;
END
$$;

-- The first day of each partition there is.
CREATE FUNCTION tessera.usage_partitions() RETURNS SETOF date
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS
$$
    SELECT to_date(substring(c.relname FROM '[0-9]{4}w[0-9]{2}$'), 'IYYY"w"IW')
    FROM pg_catalog.pg_inherits i
    JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'tessera.api_token_usage'::regclass
    ORDER BY 1
$$;

-- Drops the partition of the week that `day` lies in: only when it ended at least a week ago, and the rollups account for
-- every row in it. Rows are read past row security, as their owner.
CREATE FUNCTION tessera.usage_partition_drop(day date) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET lock_timeout = '2s' AS
$$
DECLARE
    week record;
    rows bigint;
    counted bigint;
BEGIN
    SELECT * INTO week FROM tessera.usage_partition_week(day);
    PERFORM pg_advisory_xact_lock(hashtext('tessera.usage_partition'));
    IF to_regclass('tessera_partitions.' || week.name) IS NULL THEN
        RETURN false;
    END IF;
    IF week.ends_at > now() - interval '7 days' THEN
        RAISE EXCEPTION 'partition % ended less than 7 days ago', week.name USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    SELECT count(*) INTO rows FROM tessera.api_token_usage WHERE occurred_at >= week.starts_at AND occurred_at < week.ends_at;
    SELECT coalesce(sum(listed), 0) INTO counted FROM tessera.api_token_usage_daily
    WHERE bucket >= week.starts_at AND bucket < week.ends_at;
    IF rows <> counted THEN
        RAISE EXCEPTION 'partition % has % rows, its rollups count %', week.name, rows, counted
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    EXECUTE format('ALTER TABLE tessera.api_token_usage DETACH PARTITION tessera_partitions.%I', week.name);
    EXECUTE format('DROP TABLE tessera_partitions.%I', week.name);
    RETURN true;
END
$$;

REVOKE ALL ON FUNCTION tessera.usage_partition_week(date), tessera.usage_partition_ensure(date), tessera.usage_partitions(),
    tessera.usage_partition_drop(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.usage_partition_ensure(date), tessera.usage_partitions(), tessera.usage_partition_drop(date) TO tessera_jobs;

-- The weeks around the present; the API makes the ones that follow.
SELECT tessera.usage_partition_ensure((now() AT TIME ZONE 'UTC')::date + 7 * week) FROM generate_series(-1, 4) AS week;

-- +down
DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'tessera.api_token_usage'::regclass LOOP
        EXECUTE format('DROP TABLE %s', partition);
    END LOOP;
END
$$;
DROP FUNCTION tessera.usage_partition_drop(date);
DROP FUNCTION tessera.usage_partitions();
DROP FUNCTION tessera.usage_partition_ensure(date);
DROP FUNCTION tessera.usage_partition_week(date);
