-- Housekeeping of tokens: one node at a time, and only steps of a bounded size.

-- +up
-- Who runs a job now, and when it was last done to its end. No tenant's data.
CREATE TABLE tessera.job_runs (
    job              text PRIMARY KEY,
    holder           uuid NOT NULL,
    leased_until     timestamptz NOT NULL,
    last_finished_at timestamptz
);
GRANT SELECT, INSERT, UPDATE ON tessera.job_runs TO tessera_jobs;

CREATE INDEX api_tokens_ended_at_idx ON tessera.api_tokens (coalesce(revoked_at, expires_at)) WHERE deleted_at IS NULL;

-- Prolongs `holder`'s lease of `job` by five minutes; false if it has none any more, and must stop. The row stays locked until the
-- transaction ends, so that nobody else takes the job in between.
CREATE FUNCTION tessera.job_hold(name text, who uuid) RETURNS boolean
    LANGUAGE sql SET search_path = '' AS
$$
    WITH held AS (
        UPDATE tessera.job_runs j SET leased_until = now() + interval '5 minutes'
        WHERE j.job = name AND j.holder = who AND j.leased_until > now() RETURNING 1
    )
    SELECT EXISTS (SELECT FROM held)
$$;
REVOKE ALL ON FUNCTION tessera.job_hold(text, uuid) FROM PUBLIC;

-- Revokes up to `most` tokens that their tenants' policies refuse for idleness anyway, a day after they began to: until then the policy
-- may still be changed (whoever changes it moves the tenant's updated_at), and a use that was recorded late counts. Answers how many; null if `who` doesn't hold the job any more.
CREATE FUNCTION tessera.tokens_retire_idle(who uuid, most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
$$
DECLARE
    idle record;
    retired bigint := 0;
BEGIN
    IF NOT tessera.job_hold('tokens', who) THEN
        RETURN NULL;
    END IF;
    FOR idle IN
        WITH due AS (
            SELECT t.tenant_id, t.id
            FROM tessera.tenants n
            JOIN tessera.api_tokens t ON t.tenant_id = n.id AND t.revoked_at IS NULL
            LEFT JOIN tessera.token_activity a ON a.tenant_id = t.tenant_id AND a.token_id = t.id
            WHERE n.token_policy->>'idleDays' IS NOT NULL AND n.status = 'active' AND n.updated_at < now() - interval '1 day'
              AND coalesce(a.last_used_at, t.created_at) < now() - make_interval(days => (n.token_policy->>'idleDays')::integer + 1)
            ORDER BY t.tenant_id, t.id LIMIT most FOR UPDATE OF t SKIP LOCKED
        ), ended AS (
            UPDATE tessera.api_tokens t SET revoked_at = now(), revoked_reason = 'idle', updated_at = now(), version = version + 1
            FROM due WHERE t.tenant_id = due.tenant_id AND t.id = due.id
            RETURNING t.tenant_id, t.id
        )
        SELECT e.tenant_id, e.id FROM ended e ORDER BY e.tenant_id, e.id
    LOOP
        PERFORM tessera.audit_write(idle.tenant_id, gen_random_uuid(), now(), 'system', NULL, 'token.revoked', 'api_token', idle.id::text,
            NULL, NULL, '{"reason": "idle"}');
        retired := retired + 1;
    END LOOP;
    RETURN retired;
END
$$;
REVOKE ALL ON FUNCTION tessera.tokens_retire_idle(uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.tokens_retire_idle(uuid, integer) TO tessera_jobs;

-- Makes tombstones of up to `most` tokens that were revoked, or expired, `days` ago: their hashes go, owner and name stay, and so do usage
-- and events. By api_tokens_ended_at_idx. Answers like tokens_retire_idle.
CREATE FUNCTION tessera.tokens_bury(who uuid, most integer, days integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
$$
DECLARE
    gone record;
    buried bigint := 0;
BEGIN
    IF NOT tessera.job_hold('tokens', who) THEN
        RETURN NULL;
    END IF;
    FOR gone IN
        WITH due AS (
            SELECT t.tenant_id, t.id FROM tessera.api_tokens t
            WHERE t.deleted_at IS NULL AND coalesce(t.revoked_at, t.expires_at) < now() - make_interval(days => days)
            ORDER BY t.tenant_id, t.id LIMIT most FOR UPDATE SKIP LOCKED
        ), ended AS (
            UPDATE tessera.api_tokens t
            SET revoked_at = coalesce(t.revoked_at, now()), revoked_reason = coalesce(t.revoked_reason, 'expired'), deleted_at = now(),
                token_hash = NULL, updated_at = now(), version = version + 1
            FROM due WHERE t.tenant_id = due.tenant_id AND t.id = due.id
            RETURNING t.tenant_id, t.id
        ), forgotten AS (
            DELETE FROM tessera.token_secrets s USING due WHERE s.tenant_id = due.tenant_id AND s.token_id = due.id
        ), unfindable AS (
            DELETE FROM tessera.imported_tokens i USING due WHERE i.tenant_id = due.tenant_id AND i.token_id = due.id
        )
        SELECT e.tenant_id, e.id FROM ended e ORDER BY e.tenant_id, e.id
    LOOP
        PERFORM tessera.audit_write(gone.tenant_id, gen_random_uuid(), now(), 'system', NULL, 'token.deleted', 'api_token', gone.id::text,
            NULL, NULL, '{"reason": "retention"}');
        buried := buried + 1;
    END LOOP;
    RETURN buried;
END
$$;
REVOKE ALL ON FUNCTION tessera.tokens_bury(uuid, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.tokens_bury(uuid, integer, integer) TO tessera_jobs;

-- Deletes up to `most` notices of half a year ago. Answers like tokens_retire_idle.
CREATE INDEX notices_created_at_idx ON tessera.notices (created_at);
CREATE FUNCTION tessera.notices_forget(who uuid, most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
$$
DECLARE
    forgotten bigint;
BEGIN
    IF NOT tessera.job_hold('tokens', who) THEN
        RETURN NULL;
    END IF;
    WITH old AS (
        SELECT n.tenant_id, n.id FROM tessera.notices n WHERE n.created_at < now() - interval '180 days' ORDER BY n.created_at LIMIT most
        FOR UPDATE SKIP LOCKED
    )
    DELETE FROM tessera.notices n USING old WHERE n.tenant_id = old.tenant_id AND n.id = old.id;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;
REVOKE ALL ON FUNCTION tessera.notices_forget(uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.notices_forget(uuid, integer) TO tessera_jobs;

-- +down
DROP FUNCTION tessera.notices_forget(uuid, integer);
DROP INDEX tessera.notices_created_at_idx;
DROP FUNCTION tessera.tokens_bury(uuid, integer, integer);
DROP FUNCTION tessera.tokens_retire_idle(uuid, integer);
DROP FUNCTION tessera.job_hold(text, uuid);
DROP INDEX tessera.api_tokens_ended_at_idx;
DROP TABLE tessera.job_runs;
