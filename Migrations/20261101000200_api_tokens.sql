-- API tokens and what they did last.

-- +up
CREATE TABLE tessera.api_tokens (
    tenant_id                 uuid NOT NULL REFERENCES tessera.tenants (id),
    id                        uuid NOT NULL,
    owner_type                text NOT NULL DEFAULT 'user' CHECK (owner_type IN ('user', 'service_account')),
    owner_id                  uuid NOT NULL,
    name                      text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    description               text CHECK (length(description) <= 500),
    token_prefix              text NOT NULL,
    token_hash                bytea CHECK (octet_length(token_hash) = 32),
    scopes                    text[] NOT NULL CHECK (cardinality(scopes) BETWEEN 1 AND 50),
    is_active                 boolean NOT NULL DEFAULT true,
    expires_at                timestamptz,
    created_at                timestamptz NOT NULL,
    created_by                uuid,
    parent_token_id           uuid,
    updated_at                timestamptz NOT NULL,
    revoked_at                timestamptz,
    revoked_reason            text CHECK (length(revoked_reason) <= 500),
    exposed_at                timestamptz,
    deleted_at                timestamptz,
    allowed_cidrs             cidr[] NOT NULL DEFAULT '{}',
    rate_limit_requests       integer,
    rate_limit_window_seconds integer,
    metadata                  jsonb NOT NULL DEFAULT '{}',
    version                   integer NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, parent_token_id) REFERENCES tessera.api_tokens (tenant_id, id),
    -- A tombstone keeps owner and name and is revoked; it alone has no hash.
    CONSTRAINT api_tokens_tombstone CHECK ((token_hash IS NULL) = (deleted_at IS NOT NULL) AND (deleted_at IS NULL OR revoked_at IS NOT NULL))
);
-- An index can't ask now(), so an expired token keeps its name until it is revoked.
CREATE UNIQUE INDEX api_tokens_name_key ON tessera.api_tokens (tenant_id, owner_id, name) WHERE revoked_at IS NULL;
CREATE INDEX api_tokens_owner_idx ON tessera.api_tokens (tenant_id, owner_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX api_tokens_created_at_idx ON tessera.api_tokens (tenant_id, created_at, id) WHERE deleted_at IS NULL;

-- Apart from the token and without any other index, so that the batch's updates stay HOT.
CREATE TABLE tessera.token_activity (
    tenant_id            uuid NOT NULL,
    token_id             uuid NOT NULL,
    last_used_at         timestamptz NOT NULL,
    last_used_ip         inet,
    last_used_user_agent text,
    PRIMARY KEY (tenant_id, token_id)
) WITH (fillfactor = 50);

ALTER TABLE tessera.api_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.api_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.api_tokens FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.api_tokens FOR ALL TO tessera_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY auth_read ON tessera.api_tokens FOR SELECT TO tessera_auth USING (true);

ALTER TABLE tessera.token_activity ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.token_activity FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.token_activity FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.token_activity FOR SELECT TO tessera_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY ingest_all ON tessera.token_activity FOR ALL TO tessera_ingest USING (true) WITH CHECK (true);

-- The application may set a hash and clear it, and never reads one.
GRANT SELECT (tenant_id, id, owner_type, owner_id, name, description, token_prefix, scopes, is_active, expires_at, created_at, created_by,
        parent_token_id, updated_at, revoked_at, revoked_reason, exposed_at, deleted_at, allowed_cidrs, rate_limit_requests,
        rate_limit_window_seconds, metadata, version),
    INSERT (tenant_id, id, owner_type, owner_id, name, description, token_prefix, token_hash, scopes, is_active, expires_at, created_at,
        created_by, parent_token_id, updated_at, metadata),
    UPDATE (name, description, is_active, metadata, updated_at, revoked_at, revoked_reason, deleted_at, token_hash, version)
    ON tessera.api_tokens TO tessera_app;
GRANT SELECT (tenant_id, id, owner_type, owner_id, token_hash, scopes, is_active, expires_at, revoked_at, deleted_at)
    ON tessera.api_tokens TO tessera_auth;
GRANT SELECT ON tessera.token_activity TO tessera_app;
GRANT SELECT, INSERT, UPDATE ON tessera.token_activity TO tessera_ingest;

-- +down
DROP TABLE tessera.token_activity, tessera.api_tokens;
