-- Guesses count as a used-up window only where it was; who is deleted stays so, and takes nothing with them that others need.

-- +up
-- How many guesses the window allowed: it is used up when so many were made. Of the ones there are nobody knows.
ALTER TABLE tessera.login_attempts ADD COLUMN allowed integer NOT NULL DEFAULT 2147483647;

ALTER TABLE tessera.users ADD COLUMN deleted_at timestamptz;
UPDATE tessera.users SET deleted_at = updated_at WHERE email = 'deleted-' || id AND password_hash = '!';
GRANT SELECT (deleted_at) ON tessera.users TO tessera_admin;

-- As before, and: the last active platform administrator stays (the empty text is answered then, and nothing is changed); open invitations
-- fall with whoever made them; an owner who is disabled is none for those who leave. Deletions come one at a time and touch the audit logs
-- last, the platform's after the tenants'.
CREATE OR REPLACE FUNCTION tessera.user_delete(person uuid, at timestamptz, address inet, request uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
$$
DECLARE
    place record;
    offer record;
    orphan text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('tessera.user_delete'));
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
      AND NOT EXISTS (SELECT FROM tessera.memberships o JOIN tessera.users u ON u.id = o.user_id AND u.status = 'active'
                      WHERE o.tenant_id = m.tenant_id AND o.role = 'owner' AND o.user_id <> person)
    ORDER BY n.slug LIMIT 1;
    IF orphan IS NOT NULL THEN
        RETURN orphan;
    END IF;
    PERFORM 1 FROM tessera.invitations i
    WHERE i.created_by = person AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL
      AND i.tenant_id IN (SELECT m.tenant_id FROM tessera.memberships m WHERE m.user_id = person)
    ORDER BY i.tenant_id, i.id FOR UPDATE;
    UPDATE tessera.users SET email = 'deleted-' || person, pending_email = NULL, email_verified_at = NULL, name = 'Deleted user',
        password_hash = '!', status = 'disabled', is_platform_admin = false, deleted_at = at, updated_at = at WHERE id = person;
    DELETE FROM tessera.device_tokens WHERE user_id = person;
    DELETE FROM tessera.sessions WHERE user_id = person;
    DELETE FROM tessera.one_time_secrets WHERE subject_id = person;
    PERFORM tessera.tokens_revoke_of_user(person, 'owner_deleted', at, 'user', person, address, request);
    FOR place IN
        WITH gone AS (DELETE FROM tessera.memberships WHERE user_id = person RETURNING tenant_id, role)
        SELECT tenant_id, role FROM gone ORDER BY tenant_id
    LOOP
        PERFORM tessera.audit_write(place.tenant_id, gen_random_uuid(), at, 'user', person, 'member.left', 'user', person::text, address,
            request, jsonb_build_object('role', place.role));
        FOR offer IN
            UPDATE tessera.invitations i SET withdrawn_at = at
            WHERE i.tenant_id = place.tenant_id AND i.created_by = person AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL RETURNING i.id
        LOOP
            PERFORM tessera.audit_write(place.tenant_id, gen_random_uuid(), at, 'user', person, 'invitation.withdrawn', 'invitation',
                offer.id::text, address, request, '{"reason": "inviter"}');
        END LOOP;
    END LOOP;
    PERFORM tessera.audit_write('00000000-0000-0000-0000-000000000000', gen_random_uuid(), at, 'user', person, 'user.deleted', 'user',
        person::text, address, request, '{}');
    RETURN NULL;
END
$$;

-- Whether the transaction's tenant has an owner beside `person` who isn't disabled: the application sees nobody's account.
CREATE FUNCTION tessera.tenant_has_other_owner(person uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS
$$
    SELECT EXISTS (
        SELECT FROM tessera.memberships o JOIN tessera.users u ON u.id = o.user_id AND u.status = 'active'
        WHERE o.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid AND o.role = 'owner' AND o.user_id <> person)
$$;
REVOKE ALL ON FUNCTION tessera.tenant_has_other_owner(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.tenant_has_other_owner(uuid) TO tessera_app;

-- +down
DROP FUNCTION tessera.tenant_has_other_owner(uuid);
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
REVOKE SELECT (deleted_at) ON tessera.users FROM tessera_admin;
ALTER TABLE tessera.users DROP COLUMN deleted_at;
ALTER TABLE tessera.login_attempts DROP COLUMN allowed;
