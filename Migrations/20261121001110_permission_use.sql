-- Which permissions each token needed, and when last: what tells a scope that nobody uses.

-- +up
-- Since when the token has the scopes that it has. Of what older ones needed nobody kept a record, so theirs count from here.
ALTER TABLE tessera.api_tokens ADD COLUMN scopes_since timestamptz NOT NULL DEFAULT now();

-- Right to the hour: a row is written again only when its time is an hour old. Without any other index, so that this stays HOT.
CREATE TABLE tessera.token_permission_use (
    tenant_id      uuid NOT NULL,
    token_id       uuid NOT NULL,
    permission     text NOT NULL,
    last_needed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, token_id, permission)
) WITH (fillfactor = 70);

ALTER TABLE tessera.token_permission_use ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.token_permission_use FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.token_permission_use FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.token_permission_use FOR SELECT TO tessera_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY ingest_all ON tessera.token_permission_use FOR ALL TO tessera_ingest USING (true) WITH CHECK (true);

GRANT SELECT (scopes_since), INSERT (scopes_since), UPDATE (scopes_since) ON tessera.api_tokens TO tessera_app;
GRANT SELECT ON tessera.token_permission_use TO tessera_app;
GRANT SELECT, INSERT, UPDATE ON tessera.token_permission_use TO tessera_ingest;

-- +down
DROP TABLE tessera.token_permission_use;
REVOKE SELECT (scopes_since), INSERT (scopes_since), UPDATE (scopes_since) ON tessera.api_tokens FROM tessera_app;
ALTER TABLE tessera.api_tokens DROP COLUMN scopes_since;
