-- What has had its time goes: used secrets, old guesses, ended sessions, forgotten devices, sent mails.

-- +up
-- Deletes up to `most` rows of each kind that are past their retention, and answers how many of each. The ages are fixed here: no
-- run-time role may delete a session or a secret that is still good for anything. Rows that somebody holds are left for the next time.
CREATE FUNCTION tessera.sweep(most integer, OUT kind text, OUT swept bigint) RETURNS SETOF record
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
$$
BEGIN
    -- A window of guesses halves the ones after it for four windows; the longest are a day or so.
    WITH old AS (
        SELECT account, window_start FROM tessera.login_attempts WHERE window_start < now() - interval '7 days' LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM tessera.login_attempts a USING old WHERE a.account = old.account AND a.window_start = old.window_start;
    GET DIAGNOSTICS swept = ROW_COUNT;
    kind := 'login_attempts';
    RETURN NEXT;

    WITH old AS (
        SELECT purpose, id FROM tessera.one_time_secrets
        WHERE expires_at < now() - interval '7 days' OR used_at < now() - interval '7 days' LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM tessera.one_time_secrets s USING old WHERE s.purpose = old.purpose AND s.id = old.id;
    GET DIAGNOSTICS swept = ROW_COUNT;
    kind := 'one_time_secrets';
    RETURN NEXT;

    -- Fourteen days without use end a session as well. Its refresh tokens go with it.
    WITH old AS (
        SELECT user_id, id FROM tessera.sessions
        WHERE revoked_at < now() - interval '30 days' OR expires_at < now() - interval '30 days' OR last_used_at < now() - interval '44 days'
        LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM tessera.sessions s USING old WHERE s.user_id = old.user_id AND s.id = old.id;
    GET DIAGNOSTICS swept = ROW_COUNT;
    kind := 'sessions';
    RETURN NEXT;

    WITH old AS (SELECT user_id, id FROM tessera.device_tokens WHERE expires_at < now() LIMIT most FOR UPDATE SKIP LOCKED)
    DELETE FROM tessera.device_tokens d USING old WHERE d.user_id = old.user_id AND d.id = old.id;
    GET DIAGNOSTICS swept = ROW_COUNT;
    kind := 'device_tokens';
    RETURN NEXT;

    WITH old AS (
        SELECT tenant_id, id FROM tessera.outbox WHERE next_attempt_at IS NULL AND created_at < now() - interval '30 days'
        LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM tessera.outbox o USING old WHERE o.tenant_id = old.tenant_id AND o.id = old.id;
    GET DIAGNOSTICS swept = ROW_COUNT;
    kind := 'outbox';
    RETURN NEXT;
END
$$;
REVOKE ALL ON FUNCTION tessera.sweep(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.sweep(integer) TO tessera_jobs;

-- +down
DROP FUNCTION tessera.sweep(integer);
