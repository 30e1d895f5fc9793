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

-- As before, and the last active platform administrator stays: answers the empty text then, and nothing is changed.
CREATE OR REPLACE FUNCTION tessera.user_delete(person uuid, at timestamptz, address inet, request uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
$$
DECLARE
    place record;
    orphan text;
BEGIN
    PERFORM 1 FROM tessera.users u
    WHERE u.id = person OR u.is_platform_admin AND (SELECT p.is_platform_admin FROM tessera.users p WHERE p.id = person)
    ORDER BY u.id FOR UPDATE;
    IF EXISTS (SELECT FROM tessera.users u WHERE u.id = person AND u.is_platform_admin)
        AND NOT EXISTS (SELECT FROM tessera.users u WHERE u.id <> person AND u.is_platform_admin AND u.status = 'active') THEN
        RETURN '';
    END IF;
    PERFORM 1 FROM tessera.memberships o
    WHERE o.user_id = person
       OR o.role = 'owner' AND o.tenant_id IN (SELECT m.tenant_id FROM tessera.memberships m WHERE m.user_id = person AND m.role = 'owner')
    ORDER BY o.tenant_id, o.user_id FOR UPDATE;
    SELECT n.slug INTO orphan FROM tessera.memberships m JOIN tessera.tenants n ON n.id = m.tenant_id AND n.status <> 'deleted'
    WHERE m.user_id = person AND m.role = 'owner'
      AND NOT EXISTS (SELECT FROM tessera.memberships o WHERE o.tenant_id = m.tenant_id AND o.role = 'owner' AND o.user_id <> person)
    ORDER BY n.slug LIMIT 1;
    IF orphan IS NOT NULL THEN
        RETURN orphan;
    END IF;
    UPDATE tessera.users SET email = 'deleted-' || person, pending_email = NULL, email_verified_at = NULL, name = 'Deleted user',
        password_hash = '!', status = 'disabled', is_platform_admin = false, updated_at = at WHERE id = person;
    DELETE FROM tessera.device_tokens WHERE user_id = person;
    DELETE FROM tessera.sessions WHERE user_id = person;
    DELETE FROM tessera.one_time_secrets WHERE subject_id = person;
    -- The platform's log first: it lets one deletion through at a time, so the tenants' logs can come in any order.
    PERFORM tessera.audit_write('00000000-0000-0000-0000-000000000000', gen_random_uuid(), at, 'user', person, 'user.deleted', 'user',
        person::text, address, request, '{}');
    PERFORM tessera.tokens_revoke_of_user(person, 'owner_deleted', at, 'user', person, address, request);
    FOR place IN
        WITH gone AS (DELETE FROM tessera.memberships WHERE user_id = person RETURNING tenant_id, role)
        SELECT tenant_id, role FROM gone ORDER BY tenant_id
    LOOP
        PERFORM tessera.audit_write(place.tenant_id, gen_random_uuid(), at, 'user', person, 'member.left', 'user', person::text, address,
            request, jsonb_build_object('role', place.role));
    END LOOP;
    RETURN NULL;
END
$$;

-- +down
CREATE OR REPLACE FUNCTION tessera.user_delete(person uuid, at timestamptz, address inet, request uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
$$
DECLARE
    place record;
    orphan text;
BEGIN
    PERFORM 1 FROM tessera.users u WHERE u.id = person FOR UPDATE;
    PERFORM 1 FROM tessera.memberships o
    WHERE o.user_id = person
       OR o.role = 'owner' AND o.tenant_id IN (SELECT m.tenant_id FROM tessera.memberships m WHERE m.user_id = person AND m.role = 'owner')
    ORDER BY o.tenant_id, o.user_id FOR UPDATE;
    SELECT n.slug INTO orphan FROM tessera.memberships m JOIN tessera.tenants n ON n.id = m.tenant_id AND n.status <> 'deleted'
    WHERE m.user_id = person AND m.role = 'owner'
      AND NOT EXISTS (SELECT FROM tessera.memberships o WHERE o.tenant_id = m.tenant_id AND o.role = 'owner' AND o.user_id <> person)
    ORDER BY n.slug LIMIT 1;
    IF orphan IS NOT NULL THEN
        RETURN orphan;
    END IF;
    UPDATE tessera.users SET email = 'deleted-' || person, pending_email = NULL, email_verified_at = NULL, name = 'Deleted user',
        password_hash = '!', status = 'disabled', is_platform_admin = false, updated_at = at WHERE id = person;
    DELETE FROM tessera.device_tokens WHERE user_id = person;
    DELETE FROM tessera.sessions WHERE user_id = person;
    DELETE FROM tessera.one_time_secrets WHERE subject_id = person;
    -- The platform's log first: it lets one deletion through at a time, so the tenants' logs can come in any order.
    PERFORM tessera.audit_write('00000000-0000-0000-0000-000000000000', gen_random_uuid(), at, 'user', person, 'user.deleted', 'user',
        person::text, address, request, '{}');
    PERFORM tessera.tokens_revoke_of_user(person, 'owner_deleted', at, 'user', person, address, request);
    FOR place IN
        WITH gone AS (DELETE FROM tessera.memberships WHERE user_id = person RETURNING tenant_id, role)
        SELECT tenant_id, role FROM gone ORDER BY tenant_id
    LOOP
        PERFORM tessera.audit_write(place.tenant_id, gen_random_uuid(), at, 'user', person, 'member.left', 'user', person::text, address,
            request, jsonb_build_object('role', place.role));
    END LOOP;
    RETURN NULL;
END
$$;
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
