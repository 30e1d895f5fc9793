-- Tenants, the people in them, and their sessions.

-- +up
CREATE TABLE tessera.tenants (
    id         uuid PRIMARY KEY,
    slug       text NOT NULL CONSTRAINT tenants_slug_key UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) BETWEEN 3 AND 40),
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    status     text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'deleted')),
    settings   jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version    integer NOT NULL DEFAULT 1
);

-- Global: a person may be a member of many tenants. No hot columns, so that it can be a reference table when sharded.
CREATE TABLE tessera.users (
    id                uuid PRIMARY KEY,
    email             text NOT NULL CONSTRAINT users_email_key UNIQUE,
    email_verified_at timestamptz,
    pending_email     text,
    name              text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    password_hash     text NOT NULL,
    status            text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    is_platform_admin boolean NOT NULL DEFAULT false,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL
);

-- Name and e-mail are copies, so that tenant requests never read users.
CREATE TABLE tessera.memberships (
    tenant_id        uuid NOT NULL REFERENCES tessera.tenants (id),
    user_id          uuid NOT NULL REFERENCES tessera.users (id),
    role             text NOT NULL CHECK (role IN ('viewer', 'member', 'admin', 'owner')),
    name             text NOT NULL,
    email            text NOT NULL,
    joined_at        timestamptz NOT NULL,
    last_selected_at timestamptz,
    PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX memberships_user_id_idx ON tessera.memberships (user_id, tenant_id);
CREATE INDEX memberships_joined_at_idx ON tessera.memberships (tenant_id, joined_at, user_id);

-- Keyed by user first, for sharding by person. The tenant lives in the access token; here only the last one is remembered.
CREATE TABLE tessera.sessions (
    user_id        uuid NOT NULL REFERENCES tessera.users (id),
    id             uuid NOT NULL,
    last_tenant_id uuid NOT NULL,
    created_at     timestamptz NOT NULL,
    last_used_at   timestamptz NOT NULL,
    auth_time      timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    revoked_at     timestamptz,
    ip_address     inet,
    user_agent     text,
    PRIMARY KEY (user_id, id)
);

-- Used ones stay: only a presented token that matches a used one ends the family.
CREATE TABLE tessera.refresh_tokens (
    user_id     uuid NOT NULL,
    session_id  uuid NOT NULL,
    id          uuid NOT NULL,
    hash        bytea NOT NULL CHECK (octet_length(hash) = 32),
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    replaced_by uuid,
    PRIMARY KEY (user_id, session_id, id),
    FOREIGN KEY (user_id, session_id) REFERENCES tessera.sessions (user_id, id) ON DELETE CASCADE
);

-- The private half is sealed by a key that is not in this database.
CREATE TABLE tessera.signing_keys (
    kid                text PRIMARY KEY,
    public_key         bytea NOT NULL CHECK (octet_length(public_key) = 32),
    sealed_private_key bytea NOT NULL,
    created_at         timestamptz NOT NULL,
    retired_at         timestamptz
);

ALTER TABLE tessera.tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.tenants FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.tenants FOR ALL TO tessera_app
    USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY auth_read ON tessera.tenants FOR SELECT TO tessera_auth USING (true);
CREATE POLICY auth_insert ON tessera.tenants FOR INSERT TO tessera_auth
    WITH CHECK (id = nullif(current_setting('app.tenant_id', true), '')::uuid);

ALTER TABLE tessera.memberships ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.memberships FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.memberships FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.memberships FOR ALL TO tessera_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY auth_read ON tessera.memberships FOR SELECT TO tessera_auth USING (true);
CREATE POLICY auth_insert ON tessera.memberships FOR INSERT TO tessera_auth
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY auth_select_tenant ON tessera.memberships FOR UPDATE TO tessera_auth USING (true) WITH CHECK (true);

GRANT SELECT ON tessera.tenants TO tessera_app;
GRANT SELECT (id, slug, name, status), INSERT (id, slug, name, created_at, updated_at) ON tessera.tenants TO tessera_auth;
GRANT SELECT ON tessera.memberships TO tessera_app;
GRANT SELECT (tenant_id, user_id, role, joined_at, last_selected_at),
    INSERT (tenant_id, user_id, role, name, email, joined_at, last_selected_at),
    UPDATE (last_selected_at) ON tessera.memberships TO tessera_auth;
GRANT SELECT, INSERT, UPDATE, DELETE ON tessera.users, tessera.sessions, tessera.refresh_tokens TO tessera_auth;
GRANT SELECT, INSERT, UPDATE ON tessera.signing_keys TO tessera_auth;

-- +down
DROP TABLE tessera.signing_keys, tessera.refresh_tokens, tessera.sessions, tessera.memberships, tessera.users, tessera.tenants;
