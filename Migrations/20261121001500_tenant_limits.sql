-- Limits that hold for one tenant, set by platform administrators, instead of those that hold for all.

-- +up
-- NULL: what holds for all. A row stays, so that every node hears of a limit that is taken back.
CREATE TABLE tessera.tenant_limits (
    tenant_id       uuid PRIMARY KEY REFERENCES tessera.tenants (id),
    token_requests  integer CHECK (token_requests BETWEEN 1 AND 1000000),
    token_window    integer CHECK (token_window BETWEEN 1 AND 86400),
    user_requests   integer CHECK (user_requests BETWEEN 1 AND 1000000),
    user_window     integer CHECK (user_window BETWEEN 1 AND 86400),
    tenant_requests integer CHECK (tenant_requests BETWEEN 1 AND 1000000),
    tenant_window   integer CHECK (tenant_window BETWEEN 1 AND 86400),
    shadow          text[] NOT NULL DEFAULT '{}' CHECK (shadow <@ ARRAY['tenant', 'token', 'user']),
    version         integer NOT NULL DEFAULT 1,
    changed_by      uuid NOT NULL,
    changed_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((token_requests IS NULL) = (token_window IS NULL)),
    CHECK ((user_requests IS NULL) = (user_window IS NULL)),
    CHECK ((tenant_requests IS NULL) = (tenant_window IS NULL))
);
CREATE INDEX tenant_limits_changed_at_idx ON tessera.tenant_limits (changed_at);

ALTER TABLE tessera.tenant_limits ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.tenant_limits FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.tenant_limits FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY auth_read ON tessera.tenant_limits FOR SELECT TO tessera_auth USING (true);
CREATE POLICY admin_all ON tessera.tenant_limits FOR ALL TO tessera_admin USING (true) WITH CHECK (true);

GRANT SELECT (tenant_id, token_requests, token_window, user_requests, user_window, tenant_requests, tenant_window, shadow, version, changed_at)
    ON tessera.tenant_limits TO tessera_auth;
GRANT SELECT, INSERT, UPDATE ON tessera.tenant_limits TO tessera_admin;

-- +down
DROP TABLE tessera.tenant_limits;
