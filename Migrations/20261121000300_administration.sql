-- What platform administrators do: over all tenants and people, and never past their last one.

-- +up
CREATE INDEX users_platform_admin_idx ON tessera.users (id) WHERE is_platform_admin;
CREATE INDEX users_created_at_idx ON tessera.users (created_at, id);
CREATE INDEX tenants_created_at_idx ON tessera.tenants (created_at, id);

CREATE POLICY admin_all ON tessera.tenants FOR ALL TO tessera_admin USING (true) WITH CHECK (true);
CREATE POLICY admin_insert ON tessera.memberships FOR INSERT TO tessera_admin
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY admin_insert ON tessera.invitations FOR INSERT TO tessera_admin
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY admin_insert ON tessera.outbox FOR INSERT TO tessera_admin
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

GRANT SELECT (id, slug, name, status, created_at, updated_at, version), INSERT (id, slug, name, created_at, updated_at),
    UPDATE (status, updated_at, version) ON tessera.tenants TO tessera_admin;
GRANT SELECT (id, email, email_verified_at, name, status, is_platform_admin, created_at), UPDATE (status, is_platform_admin, updated_at)
    ON tessera.users TO tessera_admin;
GRANT SELECT (user_id, id, revoked_at), UPDATE (revoked_at) ON tessera.sessions TO tessera_admin;
GRANT INSERT (tenant_id, user_id, role, name, email, joined_at) ON tessera.memberships TO tessera_admin;
GRANT INSERT (tenant_id, id, email, role, created_by, created_at, expires_at) ON tessera.invitations TO tessera_admin;
GRANT INSERT (tenant_id, id, kind, recipient, subject_id, details, created_at, next_attempt_at) ON tessera.outbox TO tessera_admin;

-- +down
REVOKE INSERT (tenant_id, id, kind, recipient, subject_id, details, created_at, next_attempt_at) ON tessera.outbox FROM tessera_admin;
REVOKE INSERT (tenant_id, id, email, role, created_by, created_at, expires_at) ON tessera.invitations FROM tessera_admin;
REVOKE INSERT (tenant_id, user_id, role, name, email, joined_at) ON tessera.memberships FROM tessera_admin;
REVOKE SELECT (user_id, id, revoked_at), UPDATE (revoked_at) ON tessera.sessions FROM tessera_admin;
REVOKE SELECT (id, email, email_verified_at, name, status, is_platform_admin, created_at), UPDATE (status, is_platform_admin, updated_at)
    ON tessera.users FROM tessera_admin;
REVOKE SELECT (id, slug, name, status, created_at, updated_at, version), INSERT (id, slug, name, created_at, updated_at),
    UPDATE (status, updated_at, version) ON tessera.tenants FROM tessera_admin;
DROP POLICY admin_insert ON tessera.outbox;
DROP POLICY admin_insert ON tessera.invitations;
DROP POLICY admin_insert ON tessera.memberships;
DROP POLICY admin_all ON tessera.tenants;
DROP INDEX tessera.tenants_created_at_idx, tessera.users_created_at_idx, tessera.users_platform_admin_idx;
