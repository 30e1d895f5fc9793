-- The audit log: one row a change, chained by hash within its tenant, written in the change's own transaction.

-- +up
CREATE TABLE tessera.audit_log (
    tenant_id     uuid NOT NULL,
    occurred_at   timestamptz NOT NULL,
    id            uuid NOT NULL,
    actor_type    text NOT NULL CHECK (actor_type IN ('user', 'api_token', 'service_account', 'system', 'anonymous')),
    actor_id      uuid,
    action        text NOT NULL CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),
    target_type   text NOT NULL,
    target_id     text NOT NULL,
    ip_address    inet,
    request_id    uuid,
    changes       jsonb NOT NULL,
    seq           bigint NOT NULL,
    previous_hash bytea NOT NULL,
    hash          bytea NOT NULL,
    PRIMARY KEY (tenant_id, occurred_at, id)
);
CREATE UNIQUE INDEX audit_log_seq_key ON tessera.audit_log (tenant_id, seq);

-- Where each tenant's chain ends. Rows without a tenant belong to the nil one.
CREATE TABLE tessera.audit_head (
    tenant_id     uuid PRIMARY KEY,
    seq           bigint NOT NULL,
    previous_hash bytea NOT NULL,
    hash          bytea NOT NULL
);

-- What is hashed of an entry: the same text when it is written and when it is verified. Times in whole microseconds.
CREATE FUNCTION tessera.audit_digest(previous bytea, tenant uuid, seq bigint, id uuid, occurred_at timestamptz, actor_type text, actor_id uuid,
    action text, target_type text, target_id text, ip_address inet, request_id uuid, changes jsonb)
    RETURNS bytea LANGUAGE sql IMMUTABLE SET search_path = '' AS
$$
    SELECT sha256(previous || convert_to(jsonb_build_array(tenant, seq, id, (extract(epoch FROM occurred_at) * 1000000)::bigint, actor_type,
        actor_id, action, target_type, target_id, host(ip_address), request_id, changes)::text, 'UTF8'))
$$;

-- Moves the head and adds the entry in one statement: whoever comes at the same time waits for the head's row and goes on from
-- there, so a chain never forks.
CREATE FUNCTION tessera.audit_write(tenant uuid, entry_id uuid, occurred timestamptz, actor_kind text, actor uuid, what text, target_kind text,
    target text, address inet, request uuid, details jsonb) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS
$$
    WITH head AS (
        INSERT INTO tessera.audit_head AS h (tenant_id, seq, previous_hash, hash)
        VALUES (tenant, 1, '\x', tessera.audit_digest('\x', tenant, 1, entry_id, occurred, actor_kind, actor, what, target_kind, target,
            address, request, details))
        ON CONFLICT (tenant_id) DO UPDATE SET seq = h.seq + 1, previous_hash = h.hash,
            hash = tessera.audit_digest(h.hash, tenant, h.seq + 1, entry_id, occurred, actor_kind, actor, what, target_kind, target, address,
                request, details)
        RETURNING seq, previous_hash, hash
    )
    INSERT INTO tessera.audit_log (tenant_id, occurred_at, id, actor_type, actor_id, action, target_type, target_id, ip_address, request_id,
        changes, seq, previous_hash, hash)
    SELECT tenant, occurred, entry_id, actor_kind, actor, what, target_kind, target, address, request, details, seq, previous_hash, hash
    FROM head
$$;

-- For run-time roles: the entry goes to the tenant of the transaction, or to the nil tenant outside of any.
CREATE FUNCTION tessera.audit_append(entry_id uuid, occurred timestamptz, actor_kind text, actor uuid, what text, target_kind text, target text,
    address inet, request uuid, details jsonb) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS
$$
    SELECT tessera.audit_write(
        coalesce(nullif(current_setting('app.tenant_id', true), '')::uuid, '00000000-0000-0000-0000-000000000000'),
        entry_id, occurred, actor_kind, actor, what, target_kind, target, address, request, details)
$$;

ALTER TABLE tessera.audit_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.audit_log FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.audit_log FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.audit_log FOR SELECT TO tessera_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE tessera.audit_head ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.audit_head FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.audit_head FOR ALL TO tessera_owner USING (true) WITH CHECK (true);

REVOKE ALL ON FUNCTION tessera.audit_digest(bytea, uuid, bigint, uuid, timestamptz, text, uuid, text, text, text, inet, uuid, jsonb),
    tessera.audit_write(uuid, uuid, timestamptz, text, uuid, text, text, text, inet, uuid, jsonb),
    tessera.audit_append(uuid, timestamptz, text, uuid, text, text, text, inet, uuid, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.audit_append(uuid, timestamptz, text, uuid, text, text, text, inet, uuid, jsonb)
    TO tessera_auth, tessera_app, tessera_admin, tessera_jobs;
GRANT SELECT ON tessera.audit_log TO tessera_app;

-- +down
DROP FUNCTION tessera.audit_append(uuid, timestamptz, text, uuid, text, text, text, inet, uuid, jsonb);
DROP FUNCTION tessera.audit_write(uuid, uuid, timestamptz, text, uuid, text, text, text, inet, uuid, jsonb);
DROP TABLE tessera.audit_head, tessera.audit_log;
DROP FUNCTION tessera.audit_digest(bytea, uuid, bigint, uuid, timestamptz, text, uuid, text, text, text, inet, uuid, jsonb);
