-- A request that is sent again under its Idempotency-Key is answered again, and changes nothing a second time.

-- +up
-- What was answered, without any secret. tenant_id is the nil tenant for what people and platform administrators ask for in none;
-- credential_id is the session or the token; route is method and path. No foreign key: nothing waits for a row that lives a day.
CREATE TABLE tessera.idempotency_keys (
    tenant_id     uuid NOT NULL,
    credential_id uuid NOT NULL,
    route         text NOT NULL,
    key           text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 255),
    fingerprint   bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    status        integer NOT NULL CHECK (status BETWEEN 200 AND 299),
    location      text,
    entity_tag    text,
    body          text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, credential_id, route, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON tessera.idempotency_keys (created_at);

ALTER TABLE tessera.idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.idempotency_keys FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.idempotency_keys FOR ALL TO tessera_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
-- People outside of any tenant, and platform administrators.
CREATE POLICY platform_only ON tessera.idempotency_keys FOR ALL TO tessera_auth, tessera_admin
    USING (tenant_id = '00000000-0000-0000-0000-000000000000') WITH CHECK (tenant_id = '00000000-0000-0000-0000-000000000000');
GRANT SELECT, INSERT, UPDATE ON tessera.idempotency_keys TO tessera_app, tessera_auth, tessera_admin;

-- Fails the transaction if a request under this key is being answered (constraint idempotency_keys_running), or was in the last 24 hours
-- (idempotency_keys_pkey). It never waits: behind it on the same connection are others' requests.
CREATE FUNCTION tessera.idempotency_check(tenant uuid, credential uuid, for_route text, under_key text) RETURNS void
    LANGUAGE plpgsql SET search_path = '' AS
$$
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended(concat_ws(' ', 'idempotency', tenant, credential, for_route, under_key), 0)) THEN
        RAISE EXCEPTION 'a request under this key is being answered' USING ERRCODE = 'object_in_use', CONSTRAINT = 'idempotency_keys_running';
    END IF;
    IF EXISTS (
        SELECT FROM tessera.idempotency_keys k
        WHERE k.tenant_id = tenant AND k.credential_id = credential AND k.route = for_route AND k.key = under_key
          AND k.created_at > now() - interval '24 hours')
    THEN
        RAISE EXCEPTION 'this key was used' USING ERRCODE = 'unique_violation', CONSTRAINT = 'idempotency_keys_pkey';
    END IF;
END
$$;
REVOKE ALL ON FUNCTION tessera.idempotency_check(uuid, uuid, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.idempotency_check(uuid, uuid, text, text) TO tessera_app, tessera_auth, tessera_admin;

-- Keeps what was answered under this key, in the place of what has had its time.
CREATE FUNCTION tessera.idempotency_keep(tenant uuid, credential uuid, for_route text, under_key text, print bytea, answered integer,
    at_location text, with_tag text, content text) RETURNS void
    LANGUAGE plpgsql SET search_path = '' AS
$$
BEGIN
    INSERT INTO tessera.idempotency_keys AS k
        (tenant_id, credential_id, route, key, fingerprint, status, location, entity_tag, body)
    VALUES (tenant, credential, for_route, under_key, print, answered, at_location, with_tag, content)
    ON CONFLICT (tenant_id, credential_id, route, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, status = excluded.status, location = excluded.location, entity_tag = excluded.entity_tag,
        body = excluded.body, created_at = excluded.created_at
    WHERE k.created_at <= now() - interval '24 hours';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this key was used' USING ERRCODE = 'unique_violation', CONSTRAINT = 'idempotency_keys_pkey';
    END IF;
END
$$;
REVOKE ALL ON FUNCTION tessera.idempotency_keep(uuid, uuid, text, text, bytea, integer, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.idempotency_keep(uuid, uuid, text, text, bytea, integer, text, text, text)
    TO tessera_app, tessera_auth, tessera_admin;

-- Deletes up to `most` of what has had its time, by idempotency_keys_created_at_idx. Answers how many.
CREATE FUNCTION tessera.idempotency_forget(most integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS
$$
    WITH old AS (
        SELECT tenant_id, credential_id, route, key FROM tessera.idempotency_keys WHERE created_at <= now() - interval '24 hours'
        LIMIT most FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM tessera.idempotency_keys k USING old
        WHERE k.tenant_id = old.tenant_id AND k.credential_id = old.credential_id AND k.route = old.route AND k.key = old.key
        RETURNING 1
    )
    SELECT count(*) FROM gone
$$;
REVOKE ALL ON FUNCTION tessera.idempotency_forget(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.idempotency_forget(integer) TO tessera_jobs;

-- +down
DROP FUNCTION tessera.idempotency_forget(integer);
DROP FUNCTION tessera.idempotency_keep(uuid, uuid, text, text, bytea, integer, text, text, text);
DROP FUNCTION tessera.idempotency_check(uuid, uuid, text, text);
DROP TABLE tessera.idempotency_keys;
