-- A token's earlier secrets: good until their overlap ends, and known for ever, so that whoever still uses an ended one is noticed.

-- +up
CREATE TABLE tessera.token_secrets (
    tenant_id    uuid NOT NULL,
    token_id     uuid NOT NULL,
    hash         bytea NOT NULL CHECK (octet_length(hash) = 32),
    replaced_at  timestamptz NOT NULL,
    good_until   timestamptz NOT NULL,
    last_used_at timestamptz,
    PRIMARY KEY (tenant_id, token_id, hash),
    FOREIGN KEY (tenant_id, token_id) REFERENCES tessera.api_tokens (tenant_id, id)
);

-- Who saw a token's secret last: whoever has gone since may still know it.
ALTER TABLE tessera.api_tokens ADD COLUMN secret_seen_by uuid, ADD COLUMN secret_seen_at timestamptz;
UPDATE tessera.api_tokens SET secret_seen_by = created_by, secret_seen_at = created_at;
GRANT SELECT (secret_seen_by, secret_seen_at), INSERT (secret_seen_by, secret_seen_at) ON tessera.api_tokens TO tessera_app;

-- What happened to a token without anybody changing it, seen in its usage: at most one of a kind a day.
CREATE TABLE tessera.token_events (
    tenant_id   uuid NOT NULL,
    token_id    uuid NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('ended_secret_used')),
    day         date NOT NULL,
    id          uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    ip_address  inet,
    PRIMARY KEY (tenant_id, token_id, kind, day)
);

ALTER TABLE tessera.token_secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.token_secrets FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.token_secrets FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.token_secrets FOR ALL TO tessera_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY auth_read ON tessera.token_secrets FOR SELECT TO tessera_auth USING (true);
CREATE POLICY ingest_update ON tessera.token_secrets FOR ALL TO tessera_ingest USING (true) WITH CHECK (true);
ALTER TABLE tessera.token_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.token_events FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.token_events FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.token_events FOR SELECT TO tessera_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY ingest_all ON tessera.token_events FOR ALL TO tessera_ingest USING (true) WITH CHECK (true);

GRANT SELECT (tenant_id, token_id, replaced_at, good_until, last_used_at), UPDATE (good_until), DELETE ON tessera.token_secrets TO tessera_app;
GRANT SELECT (tenant_id, token_id, hash, good_until) ON tessera.token_secrets TO tessera_auth;
GRANT SELECT (tenant_id, token_id, replaced_at, good_until, last_used_at), UPDATE (last_used_at) ON tessera.token_secrets TO tessera_ingest;
GRANT SELECT ON tessera.token_events TO tessera_app;
GRANT SELECT, INSERT ON tessera.token_events TO tessera_ingest;

-- A token's own history, and its audit entries among the others'.
CREATE INDEX audit_log_target_idx ON tessera.audit_log (tenant_id, target_type, target_id, seq);

-- Gives a token of the transaction's tenant another secret, if it still has that version and is neither revoked nor in an overlap, and
-- keeps the one it had until `overlap_end`. No run-time role reads a hash, so the owner moves it. Answers whether it did. `seen_by`
-- is whoever sees the new one: nobody, where the token rotates itself.
CREATE FUNCTION tessera.token_rotate(token uuid, expected integer, secret bytea, seen_by uuid, at timestamptz, overlap_end timestamptz)
    RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
$$
DECLARE
    tenant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
    earlier bytea;
BEGIN
    SELECT t.token_hash INTO earlier FROM tessera.api_tokens t
    WHERE t.tenant_id = tenant AND t.id = token AND t.version = expected AND t.revoked_at IS NULL AND t.deleted_at IS NULL
    FOR UPDATE;
    IF NOT FOUND OR EXISTS (SELECT FROM tessera.token_secrets s WHERE s.tenant_id = tenant AND s.token_id = token AND s.good_until > at) THEN
        RETURN false;
    END IF;
    INSERT INTO tessera.token_secrets (tenant_id, token_id, hash, replaced_at, good_until) VALUES (tenant, token, earlier, at, overlap_end);
    UPDATE tessera.api_tokens SET token_hash = secret, secret_seen_by = seen_by, secret_seen_at = at, updated_at = at, version = version + 1
    WHERE tenant_id = tenant AND id = token;
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION tessera.token_rotate(uuid, integer, bytea, uuid, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.token_rotate(uuid, integer, bytea, uuid, timestamptz, timestamptz) TO tessera_app;

-- +down
DROP FUNCTION tessera.token_rotate(uuid, integer, bytea, uuid, timestamptz, timestamptz);
REVOKE SELECT (secret_seen_by, secret_seen_at), INSERT (secret_seen_by, secret_seen_at) ON tessera.api_tokens FROM tessera_app;
ALTER TABLE tessera.api_tokens DROP COLUMN secret_seen_at, DROP COLUMN secret_seen_by;
DROP INDEX tessera.audit_log_target_idx;
DROP TABLE tessera.token_events, tessera.token_secrets;
