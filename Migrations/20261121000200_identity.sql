-- The rest of identity: one-time secrets, the defence of logins, invitations, service accounts, and the mail that waits to be sent.

-- +up
-- A person may have left every tenant.
ALTER TABLE tessera.sessions ALTER COLUMN last_tenant_id DROP NOT NULL;

-- Reset, confirmation, invitation: the secret is in a mail, here is its hash. `subject_id` is a user, or an invitation of the
-- tenant `realm_id`.
CREATE TABLE tessera.one_time_secrets (
    purpose    text NOT NULL CHECK (purpose IN ('password_reset', 'email_confirmation', 'invitation')),
    id         uuid NOT NULL,
    subject_id uuid NOT NULL,
    realm_id   uuid,
    email      text NOT NULL,
    hash       bytea NOT NULL CHECK (octet_length(hash) = 32),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    PRIMARY KEY (purpose, id)
);
CREATE INDEX one_time_secrets_subject_idx ON tessera.one_time_secrets (purpose, subject_id) WHERE used_at IS NULL;

-- Guesses at an account's password in a window of time, reserved before anything is hashed. `account` is a keyed hash.
CREATE TABLE tessera.login_attempts (
    account      bytea NOT NULL CHECK (octet_length(account) = 32),
    window_start timestamptz NOT NULL,
    attempts     integer NOT NULL,
    PRIMARY KEY (account, window_start)
) WITH (fillfactor = 70);

-- What tells a device that has logged in before from a stranger: it has guesses of its own.
CREATE TABLE tessera.device_tokens (
    user_id    uuid NOT NULL REFERENCES tessera.users (id) ON DELETE CASCADE,
    id         uuid NOT NULL,
    hash       bytea NOT NULL CHECK (octet_length(hash) = 32),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, id)
);

CREATE TABLE tessera.invitations (
    tenant_id    uuid NOT NULL REFERENCES tessera.tenants (id),
    id           uuid NOT NULL,
    email        text NOT NULL,
    role         text NOT NULL CHECK (role IN ('viewer', 'member', 'admin', 'owner')),
    created_by   uuid NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    accepted_at  timestamptz,
    withdrawn_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX invitations_email_key ON tessera.invitations (tenant_id, email) WHERE accepted_at IS NULL AND withdrawn_at IS NULL;
CREATE INDEX invitations_created_at_idx ON tessera.invitations (tenant_id, created_at, id);

CREATE TABLE tessera.service_accounts (
    tenant_id  uuid NOT NULL REFERENCES tessera.tenants (id),
    id         uuid NOT NULL,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    role       text NOT NULL CHECK (role IN ('viewer', 'member', 'admin', 'owner')),
    status     text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled', 'deleted')),
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version    integer NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX service_accounts_name_key ON tessera.service_accounts (tenant_id, name) WHERE status <> 'deleted';
CREATE INDEX service_accounts_created_at_idx ON tessera.service_accounts (tenant_id, created_at, id);

-- Mail to be sent, without any secret: the sender makes one, stores its hash and mails it. The nil tenant is the platform.
CREATE TABLE tessera.outbox (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('email_confirmation', 'email_changed', 'password_reset', 'password_changed', 'invitation')),
    recipient       text NOT NULL,
    subject_id      uuid NOT NULL,
    details         jsonb NOT NULL DEFAULT '{}',
    created_at      timestamptz NOT NULL,
    next_attempt_at timestamptz,
    attempts        integer NOT NULL DEFAULT 0,
    leased_until    timestamptz,
    sent_at         timestamptz,
    failure         text,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX outbox_due_idx ON tessera.outbox (next_attempt_at) WHERE next_attempt_at IS NOT NULL;

ALTER TABLE tessera.invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.invitations FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.invitations FOR ALL TO tessera_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY auth_read ON tessera.invitations FOR SELECT TO tessera_auth USING (true);
CREATE POLICY auth_update ON tessera.invitations FOR UPDATE TO tessera_auth
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

ALTER TABLE tessera.service_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.service_accounts FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.service_accounts FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.service_accounts FOR ALL TO tessera_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY auth_read ON tessera.service_accounts FOR SELECT TO tessera_auth USING (true);

ALTER TABLE tessera.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.outbox FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_insert ON tessera.outbox FOR INSERT TO tessera_app
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY auth_insert ON tessera.outbox FOR INSERT TO tessera_auth
    WITH CHECK (tenant_id = '00000000-0000-0000-0000-000000000000' OR tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY jobs_all ON tessera.outbox FOR ALL TO tessera_jobs USING (true) WITH CHECK (true);

-- A person manages their own memberships and tenants before any tenant is chosen.
CREATE POLICY auth_delete ON tessera.memberships FOR DELETE TO tessera_auth
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON tessera.one_time_secrets, tessera.login_attempts, tessera.device_tokens TO tessera_auth;
GRANT SELECT, INSERT (tenant_id, id, email, role, created_by, created_at, expires_at), UPDATE (expires_at, withdrawn_at)
    ON tessera.invitations TO tessera_app;
GRANT SELECT, UPDATE (accepted_at) ON tessera.invitations TO tessera_auth;
GRANT SELECT, INSERT, UPDATE (name, role, status, updated_at, version) ON tessera.service_accounts TO tessera_app;
GRANT SELECT (tenant_id, id, name, role, status) ON tessera.service_accounts TO tessera_auth;
GRANT INSERT (tenant_id, id, kind, recipient, subject_id, details, created_at, next_attempt_at) ON tessera.outbox TO tessera_app, tessera_auth;
GRANT SELECT, UPDATE (next_attempt_at, attempts, leased_until, sent_at, failure), DELETE ON tessera.outbox TO tessera_jobs;
GRANT UPDATE (name, settings, status, updated_at, version) ON tessera.tenants TO tessera_app;
GRANT UPDATE (role), DELETE ON tessera.memberships TO tessera_app;
GRANT UPDATE (name, email), DELETE ON tessera.memberships TO tessera_auth;

-- Ends every token of a person in every tenant, each with its entry in that tenant's audit log; answers how many. Tenants come in
-- order, so that two of these can't wait for each other.
CREATE FUNCTION tessera.tokens_revoke_of_user(owner uuid, reason text, at timestamptz, actor_kind text, actor uuid, address inet, request uuid)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
$$
DECLARE
    token record;
    revoked bigint := 0;
BEGIN
    FOR token IN
        WITH live AS (
            SELECT tenant_id, id FROM tessera.api_tokens WHERE owner_type = 'user' AND owner_id = owner AND revoked_at IS NULL
            ORDER BY tenant_id, id FOR UPDATE
        ), ended AS (
            UPDATE tessera.api_tokens t SET revoked_at = at, revoked_reason = reason, updated_at = at, version = version + 1
            FROM live WHERE t.tenant_id = live.tenant_id AND t.id = live.id
            RETURNING t.tenant_id, t.id
        )
        SELECT tenant_id, id FROM ended ORDER BY tenant_id, id
    LOOP
        PERFORM tessera.audit_write(token.tenant_id, gen_random_uuid(), at, actor_kind, actor, 'token.revoked', 'api_token', token.id::text,
            address, request, jsonb_build_object('reason', reason));
        revoked := revoked + 1;
    END LOOP;
    RETURN revoked;
END
$$;
REVOKE ALL ON FUNCTION tessera.tokens_revoke_of_user(uuid, text, timestamptz, text, uuid, inet, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.tokens_revoke_of_user(uuid, text, timestamptz, text, uuid, inet, uuid) TO tessera_auth, tessera_admin;

-- Takes a person out of everything, each tenant with its entries in its audit log, and leaves a row without name, address or
-- password, since others' records point at it. Answers the slug of a tenant that would be left without an owner; nothing is changed
-- then. The person, their memberships and the owners beside them are locked first: two owners that leave at once go one after the other,
-- and nobody who changes a membership waits for an audit log that is held here.
CREATE FUNCTION tessera.user_delete(person uuid, at timestamptz, address inet, request uuid) RETURNS text
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
REVOKE ALL ON FUNCTION tessera.user_delete(uuid, timestamptz, inet, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.user_delete(uuid, timestamptz, inet, uuid) TO tessera_auth;

-- Stores the hash of a secret that is about to be mailed, if what the mail is about still stands, and answers whom to greet and, for
-- an invitation, into which tenant. Whether a reset was asked for an account that exists is found out here, long after the answer.
CREATE FUNCTION tessera.secret_issue(what text, secret uuid, digest bytea, recipient text, subject uuid, realm uuid, at timestamptz,
    until timestamptz, OUT greeting text, OUT tenant_name text)
    RETURNS SETOF record LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
$$
DECLARE
    target uuid;
BEGIN
    CASE what
        WHEN 'password_reset' THEN
            SELECT u.id, u.name INTO target, greeting FROM tessera.users u WHERE u.email = recipient AND u.status = 'active';
        WHEN 'email_confirmation' THEN
            SELECT u.id, u.name INTO target, greeting FROM tessera.users u
            WHERE u.id = subject AND u.status = 'active'
              AND (u.pending_email = recipient OR u.email = recipient AND u.email_verified_at IS NULL);
        WHEN 'invitation' THEN
            SELECT i.id, n.name INTO target, tenant_name FROM tessera.invitations i JOIN tessera.tenants n ON n.id = i.tenant_id
            WHERE i.tenant_id = realm AND i.id = subject AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > at
              AND n.status = 'active';
    END CASE;
    IF target IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO tessera.one_time_secrets (purpose, id, subject_id, realm_id, email, hash, created_at, expires_at)
    VALUES (what, secret, target, CASE WHEN what = 'invitation' THEN realm END, recipient, digest, at, until);
    RETURN NEXT;
END
$$;
REVOKE ALL ON FUNCTION tessera.secret_issue(text, uuid, bytea, text, uuid, uuid, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.secret_issue(text, uuid, bytea, text, uuid, uuid, timestamptz, timestamptz) TO tessera_jobs;

-- +down
DROP FUNCTION tessera.user_delete(uuid, timestamptz, inet, uuid);
DROP FUNCTION tessera.secret_issue(text, uuid, bytea, text, uuid, uuid, timestamptz, timestamptz);
DROP FUNCTION tessera.tokens_revoke_of_user(uuid, text, timestamptz, text, uuid, inet, uuid);
REVOKE UPDATE (name, email), DELETE ON tessera.memberships FROM tessera_auth;
REVOKE UPDATE (role), DELETE ON tessera.memberships FROM tessera_app;
REVOKE UPDATE (name, settings, status, updated_at, version) ON tessera.tenants FROM tessera_app;
DROP POLICY auth_delete ON tessera.memberships;
DROP TABLE tessera.outbox, tessera.service_accounts, tessera.invitations, tessera.device_tokens, tessera.login_attempts, tessera.one_time_secrets;
UPDATE tessera.sessions SET last_tenant_id = '00000000-0000-0000-0000-000000000000' WHERE last_tenant_id IS NULL;
ALTER TABLE tessera.sessions ALTER COLUMN last_tenant_id SET NOT NULL;
