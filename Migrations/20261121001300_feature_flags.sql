-- Features that operators switch while the product runs: for everybody, for a share of the tenants, for one tenant.

-- +up
-- A row for each flag that the code declares, made by a migration. Global: a flag is in no tenant. The version is that of the flag with all
-- that single tenants have instead: every change of either moves it.
CREATE TABLE tessera.feature_flags (
    key             text PRIMARY KEY CHECK (key ~ '^[a-z][a-z0-9-]{1,62}$'),
    description     text NOT NULL CHECK (length(description) <= 500),
    default_enabled boolean NOT NULL,
    killed          boolean NOT NULL DEFAULT false,
    rollout_percent smallint NOT NULL DEFAULT 0 CHECK (rollout_percent BETWEEN 0 AND 100),
    version         integer NOT NULL DEFAULT 1,
    updated_at      timestamptz NOT NULL
);

-- What one tenant has instead of a flag's percentage and default, and why.
CREATE TABLE tessera.tenant_feature_flags (
    tenant_id uuid NOT NULL REFERENCES tessera.tenants (id),
    flag_key  text NOT NULL REFERENCES tessera.feature_flags (key),
    enabled   boolean NOT NULL,
    reason    text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    set_by    uuid NOT NULL,
    set_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, flag_key)
);
CREATE INDEX tenant_feature_flags_flag_idx ON tessera.tenant_feature_flags (flag_key, set_at, tenant_id);

ALTER TABLE tessera.tenant_feature_flags ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.tenant_feature_flags FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.tenant_feature_flags FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.tenant_feature_flags FOR SELECT TO tessera_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY auth_read ON tessera.tenant_feature_flags FOR SELECT TO tessera_auth USING (true);
CREATE POLICY admin_all ON tessera.tenant_feature_flags FOR ALL TO tessera_admin USING (true) WITH CHECK (true);

-- Who serves reads what decides; platform administrators change it. Nobody makes a flag or takes one away at run time.
GRANT SELECT (key, default_enabled, killed, rollout_percent, version) ON tessera.feature_flags TO tessera_app, tessera_auth;
GRANT SELECT (tenant_id, flag_key, enabled) ON tessera.tenant_feature_flags TO tessera_app, tessera_auth;
GRANT SELECT, UPDATE (description, default_enabled, killed, rollout_percent, version, updated_at) ON tessera.feature_flags TO tessera_admin;
GRANT SELECT, INSERT, DELETE, UPDATE (enabled, reason, set_by, set_at) ON tessera.tenant_feature_flags TO tessera_admin;

INSERT INTO tessera.feature_flags (key, description, default_enabled, updated_at)
VALUES ('api-tokens', 'API tokens can be made, rotated, widened, imported and used.', true, now());

-- +down
DROP TABLE tessera.tenant_feature_flags, tessera.feature_flags;
