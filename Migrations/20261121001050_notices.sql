-- What people are told about their tokens, in the product and by mail: an end in sight, a new network, a secret where it doesn't belong.

-- +up
-- Where a token was used from, the latest first: /24 of IPv4, /48 of IPv6.
ALTER TABLE tessera.token_activity ADD COLUMN networks cidr[] NOT NULL DEFAULT '{}';

ALTER TABLE tessera.token_events DROP CONSTRAINT token_events_kind_check;
ALTER TABLE tessera.token_events ADD CONSTRAINT token_events_kind_check
    CHECK (kind IN ('ended_secret_used', 'new_network', 'exposed', 'exposed_ended', 'expiring', 'expired'));

CREATE INDEX api_tokens_expires_at_idx ON tessera.api_tokens (expires_at) WHERE revoked_at IS NULL;
CREATE INDEX api_tokens_parent_idx ON tessera.api_tokens (tenant_id, parent_token_id) WHERE parent_token_id IS NOT NULL;

CREATE TABLE tessera.notices (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    user_id    uuid NOT NULL,
    token_id   uuid NOT NULL,
    kind       text NOT NULL,
    day        date NOT NULL,
    details    jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    read_at    timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, token_id) REFERENCES tessera.api_tokens (tenant_id, id)
);
-- One of a kind, a day and a person, however often its cause is handled.
CREATE UNIQUE INDEX notices_cause_key ON tessera.notices (tenant_id, token_id, user_id, kind, day);
CREATE INDEX notices_user_idx ON tessera.notices (tenant_id, user_id, created_at, id);

-- What strangers say they found: tokens whose shape and checksum are right, and no more is known of them. A foreign one tells no id.
CREATE TABLE tessera.leak_reports (
    tenant_id   uuid NOT NULL,
    hash        bytea NOT NULL CHECK (octet_length(hash) = 32),
    token_id    uuid,
    reported_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, hash)
);
CREATE INDEX leak_reports_reported_at_idx ON tessera.leak_reports (reported_at);

ALTER TABLE tessera.notices ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.notices FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.notices FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.notices FOR ALL TO tessera_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE tessera.leak_reports ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.leak_reports FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.leak_reports FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY auth_insert ON tessera.leak_reports FOR INSERT TO tessera_auth WITH CHECK (true);

GRANT SELECT, UPDATE (read_at) ON tessera.notices TO tessera_app;
GRANT INSERT ON tessera.leak_reports TO tessera_auth;

ALTER TABLE tessera.outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE tessera.outbox ADD CONSTRAINT outbox_kind_check
    CHECK (kind IN ('email_confirmation', 'email_changed', 'password_reset', 'password_changed', 'invitation', 'token_notice'));

-- Tells the people whom a token concerns: its owner, or the admins and owners of its service account's tenant; not who is disabled, and
-- nobody twice. `more` goes with what is known of the token.
CREATE FUNCTION tessera.token_notice(tenant uuid, token uuid, notice text, notice_day date, more jsonb) RETURNS void
    LANGUAGE sql SET search_path = '' AS
$$
    WITH told AS (
        INSERT INTO tessera.notices (tenant_id, id, user_id, token_id, kind, day, details, created_at)
        SELECT t.tenant_id, gen_random_uuid(), m.user_id, t.id, notice, notice_day, jsonb_strip_nulls(jsonb_build_object(
                'tokenName', t.name, 'tokenPrefix', t.token_prefix,
                'expiresAt', to_char(t.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) || more), now()
        FROM tessera.api_tokens t
        JOIN tessera.memberships m ON m.tenant_id = t.tenant_id
            AND (m.user_id = t.owner_id OR t.owner_type = 'service_account' AND m.role IN ('admin', 'owner'))
        JOIN tessera.users u ON u.id = m.user_id AND u.status = 'active'
        JOIN tessera.tenants n ON n.id = t.tenant_id AND n.status <> 'deleted'
        WHERE t.tenant_id = tenant AND t.id = token
        ON CONFLICT DO NOTHING
        RETURNING tenant_id, user_id, kind, details
    )
    INSERT INTO tessera.outbox (tenant_id, id, kind, recipient, subject_id, details, created_at, next_attempt_at)
    SELECT t.tenant_id, gen_random_uuid(), 'token_notice', m.email, t.user_id,
        t.details || jsonb_build_object('kind', t.kind, 'tenant', n.name), now(), now()
    FROM told t
    JOIN tessera.memberships m ON m.tenant_id = t.tenant_id AND m.user_id = t.user_id
    JOIN tessera.tenants n ON n.id = t.tenant_id
$$;
REVOKE ALL ON FUNCTION tessera.token_notice(uuid, uuid, text, date, jsonb) FROM PUBLIC;

-- Notes up to `most` live tokens of each threshold that end within 30, 7 or 1 days, or just ended; not what was made within it. Looks
-- back two days, by api_tokens_expires_at_idx: what was missed for longer is told by the next threshold. Answers how many.
CREATE FUNCTION tessera.token_expiry_note(most integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS
$$
    WITH noted AS (
        INSERT INTO tessera.token_events (tenant_id, token_id, kind, day, id, occurred_at)
        SELECT d.tenant_id, d.id, d.kind, d.day, gen_random_uuid(), now()
        FROM (VALUES (0), (1), (7), (30)) AS threshold (days)
        CROSS JOIN LATERAL (
            SELECT t.tenant_id, t.id, CASE threshold.days WHEN 0 THEN 'expired' ELSE 'expiring' END AS kind,
                ((t.expires_at - make_interval(days => threshold.days)) AT TIME ZONE 'UTC')::date AS day
            FROM tessera.api_tokens t JOIN tessera.tenants n ON n.id = t.tenant_id AND n.status <> 'deleted'
            WHERE t.revoked_at IS NULL
              AND t.expires_at > now() + make_interval(days => threshold.days) - interval '2 days'
              AND t.expires_at <= now() + make_interval(days => threshold.days)
              AND (threshold.days = 0 OR t.expires_at > now() AND t.created_at <= t.expires_at - make_interval(days => threshold.days))
              AND NOT EXISTS (
                SELECT FROM tessera.token_events e WHERE e.tenant_id = t.tenant_id AND e.token_id = t.id
                  AND e.kind = CASE threshold.days WHEN 0 THEN 'expired' ELSE 'expiring' END
                  AND e.day = ((t.expires_at - make_interval(days => threshold.days)) AT TIME ZONE 'UTC')::date)
            ORDER BY t.expires_at LIMIT most
        ) d
        ON CONFLICT DO NOTHING
        RETURNING 1
    )
    SELECT count(*) FROM noted
$$;
REVOKE ALL ON FUNCTION tessera.token_expiry_note(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.token_expiry_note(integer) TO tessera_jobs;

-- Takes up to `most` reports, and notes the tokens whose secret, or an earlier one, was really found: as exposed while that secret could
-- still be of use, as ended otherwise. A token that is found again is handled again.
CREATE FUNCTION tessera.leak_reports_take(most integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS
$$
    WITH due AS (
        SELECT r.tenant_id, r.hash FROM tessera.leak_reports r ORDER BY r.reported_at LIMIT most FOR UPDATE SKIP LOCKED
    ), taken AS (
        DELETE FROM tessera.leak_reports r USING due WHERE r.tenant_id = due.tenant_id AND r.hash = due.hash
        RETURNING r.tenant_id, r.hash, r.token_id, r.reported_at
    ), found AS (
        SELECT DISTINCT ON (t.tenant_id, t.id, kind) t.tenant_id, t.id, r.reported_at,
            CASE WHEN t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
                AND (t.token_hash = r.hash OR s.good_until > now()) THEN 'exposed' ELSE 'exposed_ended' END AS kind
        FROM taken r
        LEFT JOIN tessera.imported_tokens i ON i.tenant_id = r.tenant_id AND i.hash = r.hash AND r.token_id IS NULL
        JOIN tessera.api_tokens t ON t.tenant_id = r.tenant_id AND t.id = coalesce(r.token_id, i.token_id)
        LEFT JOIN tessera.token_secrets s ON s.tenant_id = t.tenant_id AND s.token_id = t.id AND s.hash = r.hash
        WHERE t.token_hash = r.hash OR s.hash IS NOT NULL
        ORDER BY t.tenant_id, t.id, kind
    ), noted AS (
        INSERT INTO tessera.token_events AS e (tenant_id, token_id, kind, day, id, occurred_at)
        SELECT f.tenant_id, f.id, f.kind, (f.reported_at AT TIME ZONE 'UTC')::date, gen_random_uuid(), f.reported_at
        FROM found f ORDER BY f.tenant_id, f.id
        ON CONFLICT (tenant_id, token_id, kind, day) DO UPDATE SET handled_at = NULL, occurred_at = excluded.occurred_at
            WHERE e.kind = 'exposed'
        RETURNING 1
    )
    SELECT count(*) FROM taken
$$;
REVOKE ALL ON FUNCTION tessera.leak_reports_take(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.leak_reports_take(integer) TO tessera_jobs;

-- As before, and: every event becomes a notice; what was exposed is marked so and handled by `onExposure`, together with the tokens that
-- it made, and those that they made. All live ones are locked in one order before the first audit entry.
CREATE OR REPLACE FUNCTION tessera.token_events_handle(most integer, OUT tenant uuid, OUT token uuid, OUT kind text, OUT reaction text)
    RETURNS SETOF record LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
$$
DECLARE
    events tessera.token_events[];
    event record;
    member record;
BEGIN
    WITH due AS (
        -- What must end goes before what is only told.
        SELECT e.tenant_id, e.token_id, e.kind, e.day FROM tessera.token_events e WHERE e.handled_at IS NULL
        ORDER BY CASE e.kind WHEN 'exposed' THEN 0 WHEN 'ended_secret_used' THEN 1 ELSE 2 END, e.occurred_at LIMIT most FOR UPDATE SKIP LOCKED
    ), handled AS (
        UPDATE tessera.token_events e SET handled_at = now() FROM due
        WHERE e.tenant_id = due.tenant_id AND e.token_id = due.token_id AND e.kind = due.kind AND e.day = due.day
        RETURNING e.*
    )
    SELECT array_agg(h::tessera.token_events) INTO events FROM handled h;
    PERFORM 1 FROM tessera.api_tokens t
    WHERE (t.tenant_id, t.id) IN (
        WITH RECURSIVE family (tenant_id, id) AS (
            SELECT e.tenant_id, e.token_id FROM unnest(events) e WHERE e.kind = 'exposed'
            UNION
            SELECT c.tenant_id, c.id FROM family f JOIN tessera.api_tokens c ON c.tenant_id = f.tenant_id AND c.parent_token_id = f.id
        )
        SELECT f.tenant_id, f.id FROM family f
        JOIN tessera.api_tokens l ON l.tenant_id = f.tenant_id AND l.id = f.id AND l.revoked_at IS NULL
        UNION
        SELECT e.tenant_id, e.token_id FROM unnest(events) e)
    ORDER BY t.tenant_id, t.id FOR UPDATE;
    FOR event IN
        SELECT e.tenant_id, e.token_id, e.kind, e.day, e.ip_address, e.occurred_at, t.revoked_at, CASE e.kind
            WHEN 'ended_secret_used' THEN coalesce(n.token_policy->>'onReuse', 'notify')
            WHEN 'exposed' THEN coalesce(n.token_policy->>'onExposure', 'revoke')
            ELSE 'notify' END AS reaction
        FROM unnest(events) e
        JOIN tessera.tenants n ON n.id = e.tenant_id
        JOIN tessera.api_tokens t ON t.tenant_id = e.tenant_id AND t.id = e.token_id
        ORDER BY e.tenant_id, e.token_id, e.kind, e.day
    LOOP
        tenant := event.tenant_id;
        kind := event.kind;
        reaction := event.reaction;
        IF event.kind = 'exposed' THEN
            UPDATE tessera.api_tokens t SET exposed_at = event.occurred_at, updated_at = now(), version = version + 1
            WHERE t.tenant_id = event.tenant_id AND t.id = event.token_id AND t.exposed_at IS NULL;
            IF FOUND THEN
                -- Another secret than the one that was told of on the same day, which a rotation replaced.
                DELETE FROM tessera.notices o
                WHERE o.tenant_id = event.tenant_id AND o.token_id = event.token_id AND o.kind = 'exposed' AND o.day = event.day;
                PERFORM tessera.audit_write(event.tenant_id, gen_random_uuid(), now(), 'system', NULL, 'token.exposed', 'api_token',
                    event.token_id::text, NULL, NULL, '{}');
            END IF;
        END IF;
        FOR member IN
            WITH RECURSIVE family (id) AS (
                SELECT event.token_id
                UNION
                SELECT c.id FROM family f JOIN tessera.api_tokens c ON c.tenant_id = event.tenant_id AND c.parent_token_id = f.id
                WHERE event.kind = 'exposed'
            )
            SELECT t.id FROM tessera.api_tokens t JOIN family f ON f.id = t.id
            WHERE t.tenant_id = event.tenant_id AND t.revoked_at IS NULL AND event.reaction <> 'notify'
            ORDER BY t.id
        LOOP
            IF event.reaction = 'revoke' THEN
                UPDATE tessera.api_tokens t
                SET revoked_at = now(), revoked_reason = CASE WHEN t.id = event.token_id THEN event.kind ELSE 'parent_exposed' END,
                    updated_at = now(), version = version + 1
                WHERE t.tenant_id = event.tenant_id AND t.id = member.id;
            ELSE
                UPDATE tessera.api_tokens t SET is_active = false, updated_at = now(), version = version + 1
                WHERE t.tenant_id = event.tenant_id AND t.id = member.id AND t.is_active;
            END IF;
            IF FOUND THEN
                PERFORM tessera.audit_write(event.tenant_id, gen_random_uuid(), now(), 'system', NULL,
                    CASE event.reaction WHEN 'revoke' THEN 'token.revoked' ELSE 'token.changed' END, 'api_token', member.id::text, NULL, NULL,
                    jsonb_build_object('reason', CASE WHEN member.id = event.token_id THEN event.kind ELSE 'parent_exposed' END));
                token := member.id;
                RETURN NEXT;
            END IF;
        END LOOP;
        -- An end that a revocation forestalled is no news.
        IF event.kind NOT IN ('expiring', 'expired') OR event.revoked_at IS NULL THEN
            PERFORM tessera.token_notice(event.tenant_id, event.token_id, event.kind, event.day,
                jsonb_build_object('reaction', nullif(event.reaction, 'notify'), 'ipAddress', host(event.ip_address)));
        END IF;
    END LOOP;
END
$$;

-- +down
CREATE OR REPLACE FUNCTION tessera.token_events_handle(most integer, OUT tenant uuid, OUT token uuid, OUT kind text, OUT reaction text)
    RETURNS SETOF record LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
$$
DECLARE
    event record;
BEGIN
    FOR event IN
        WITH due AS (
            SELECT e.tenant_id, e.token_id, e.kind, e.day FROM tessera.token_events e WHERE e.handled_at IS NULL
            ORDER BY e.occurred_at LIMIT most FOR UPDATE SKIP LOCKED
        ), handled AS (
            UPDATE tessera.token_events e SET handled_at = now() FROM due
            WHERE e.tenant_id = due.tenant_id AND e.token_id = due.token_id AND e.kind = due.kind AND e.day = due.day
            RETURNING e.tenant_id, e.token_id, e.kind
        )
        SELECT DISTINCT h.tenant_id, h.token_id, h.kind, coalesce(n.token_policy->>'onReuse', 'notify') AS reaction
        FROM handled h JOIN tessera.tenants n ON n.id = h.tenant_id
        ORDER BY h.tenant_id, h.token_id
    LOOP
        tenant := event.tenant_id;
        token := event.token_id;
        kind := event.kind;
        reaction := event.reaction;
        IF event.reaction = 'revoke' THEN
            UPDATE tessera.api_tokens t SET revoked_at = now(), revoked_reason = event.kind, updated_at = now(), version = version + 1
            WHERE t.tenant_id = event.tenant_id AND t.id = event.token_id AND t.revoked_at IS NULL;
        ELSIF event.reaction = 'deactivate' THEN
            UPDATE tessera.api_tokens t SET is_active = false, updated_at = now(), version = version + 1
            WHERE t.tenant_id = event.tenant_id AND t.id = event.token_id AND t.revoked_at IS NULL AND t.is_active;
        END IF;
        IF event.reaction <> 'notify' AND FOUND THEN
            PERFORM tessera.audit_write(event.tenant_id, gen_random_uuid(), now(), 'system', NULL,
                CASE event.reaction WHEN 'revoke' THEN 'token.revoked' ELSE 'token.changed' END, 'api_token', event.token_id::text, NULL, NULL,
                jsonb_build_object('reason', event.kind));
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;
DROP FUNCTION tessera.leak_reports_take(integer);
DROP FUNCTION tessera.token_expiry_note(integer);
DROP FUNCTION tessera.token_notice(uuid, uuid, text, date, jsonb);
DELETE FROM tessera.outbox WHERE kind = 'token_notice';
ALTER TABLE tessera.outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE tessera.outbox ADD CONSTRAINT outbox_kind_check
    CHECK (kind IN ('email_confirmation', 'email_changed', 'password_reset', 'password_changed', 'invitation'));
DROP TABLE tessera.leak_reports, tessera.notices;
DROP INDEX tessera.api_tokens_parent_idx, tessera.api_tokens_expires_at_idx;
DELETE FROM tessera.token_events WHERE kind <> 'ended_secret_used';
ALTER TABLE tessera.token_events DROP CONSTRAINT token_events_kind_check;
ALTER TABLE tessera.token_events ADD CONSTRAINT token_events_kind_check CHECK (kind IN ('ended_secret_used'));
ALTER TABLE tessera.token_activity DROP COLUMN networks;
