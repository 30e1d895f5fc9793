-- What a tenant demands of its tokens, judged at every use, and what follows from what their usage shows.

-- +up
ALTER TABLE tessera.tenants ADD COLUMN token_policy jsonb;
GRANT UPDATE (token_policy) ON tessera.tenants TO tessera_app;
GRANT SELECT (token_policy) ON tessera.tenants TO tessera_auth;

CREATE POLICY auth_read ON tessera.token_activity FOR SELECT TO tessera_auth USING (true);
GRANT SELECT (tenant_id, token_id, last_used_at) ON tessera.token_activity TO tessera_auth;

ALTER TABLE tessera.token_events ADD COLUMN handled_at timestamptz;
CREATE INDEX token_events_unhandled_idx ON tessera.token_events (occurred_at) WHERE handled_at IS NULL;

-- Does what the tenant's policy says about up to `most` events that nobody has handled, each change with its audit entry; answers what
-- was done. Events that another node has at hand are left to it. Rows come in order, tenant by tenant, so that two of these can't wait
-- for each other.
CREATE FUNCTION tessera.token_events_handle(most integer, OUT tenant uuid, OUT token uuid, OUT kind text, OUT reaction text)
    RETURNS SETOF record LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
$$
DECLARE
    event record;
BEGIN
    FOR event IN
        WITH due AS (
            SELECT e.tenant_id, e.token_id, e.kind, e.day FROM tessera.token_events e WHERE e.handled_at IS NULL
            ORDER BY e.occurred_at LIMIT most FOR UPDATE SKIP LOCKED
        ), handled AS (
            UPDATE tessera.token_events e SET handled_at = now() FROM due
            WHERE e.tenant_id = due.tenant_id AND e.token_id = due.token_id AND e.kind = due.kind AND e.day = due.day
            RETURNING e.tenant_id, e.token_id, e.kind
        )
        SELECT DISTINCT h.tenant_id, h.token_id, h.kind, coalesce(n.token_policy->>'onReuse', 'notify') AS reaction
        FROM handled h JOIN tessera.tenants n ON n.id = h.tenant_id
        ORDER BY h.tenant_id, h.token_id
    LOOP
        tenant := event.tenant_id;
        token := event.token_id;
        kind := event.kind;
        reaction := event.reaction;
        IF event.reaction = 'revoke' THEN
            UPDATE tessera.api_tokens t SET revoked_at = now(), revoked_reason = event.kind, updated_at = now(), version = version + 1
            WHERE t.tenant_id = event.tenant_id AND t.id = event.token_id AND t.revoked_at IS NULL;
        ELSIF event.reaction = 'deactivate' THEN
            UPDATE tessera.api_tokens t SET is_active = false, updated_at = now(), version = version + 1
            WHERE t.tenant_id = event.tenant_id AND t.id = event.token_id AND t.revoked_at IS NULL AND t.is_active;
        END IF;
        IF event.reaction <> 'notify' AND FOUND THEN
            PERFORM tessera.audit_write(event.tenant_id, gen_random_uuid(), now(), 'system', NULL,
                CASE event.reaction WHEN 'revoke' THEN 'token.revoked' ELSE 'token.changed' END, 'api_token', event.token_id::text, NULL, NULL,
                jsonb_build_object('reason', event.kind));
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION tessera.token_events_handle(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.token_events_handle(integer) TO tessera_jobs;

-- +down
DROP FUNCTION tessera.token_events_handle(integer);
DROP INDEX tessera.token_events_unhandled_idx;
ALTER TABLE tessera.token_events DROP COLUMN handled_at;
REVOKE SELECT (tenant_id, token_id, last_used_at) ON tessera.token_activity FROM tessera_auth;
DROP POLICY auth_read ON tessera.token_activity;
ALTER TABLE tessera.tenants DROP COLUMN token_policy;
