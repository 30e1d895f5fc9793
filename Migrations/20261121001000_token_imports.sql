-- Foreign API tokens: taken by their SHA-256, under a prefix that the platform granted to their tenant.

-- +up
-- What a tenant's foreign tokens look like. None of the prefixes that are in force begins with another: whoever grants one holds a lock
-- and looks at the others. Ours, and what session tokens begin with, are refused for good.
CREATE TABLE tessera.token_prefixes (
    tenant_id  uuid PRIMARY KEY REFERENCES tessera.tenants (id),
    prefix     text NOT NULL CHECK (prefix ~ '^[0-9A-Za-z._~+/-]{6,32}$' AND prefix !~ '^(ts[a-z]_|eyJ)'),
    length     integer NOT NULL CHECK (length BETWEEN 20 AND 255),
    alphabet   text NOT NULL CHECK (alphabet ~ '^[0-9A-Za-z._~+/=-]{10,69}$'),
    granted_by uuid NOT NULL,
    granted_at timestamptz NOT NULL
);

-- By which foreign hash a token is found. The hash that is compared stays with the token, or among its earlier secrets once it was rotated.
CREATE TABLE tessera.imported_tokens (
    tenant_id uuid NOT NULL,
    hash      bytea NOT NULL CHECK (octet_length(hash) = 32),
    token_id  uuid NOT NULL,
    prefix    text NOT NULL,
    PRIMARY KEY (tenant_id, hash),
    CONSTRAINT imported_tokens_token_key UNIQUE (tenant_id, token_id),
    FOREIGN KEY (tenant_id, token_id) REFERENCES tessera.api_tokens (tenant_id, id)
);

ALTER TABLE tessera.token_prefixes ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.token_prefixes FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.token_prefixes FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.token_prefixes FOR SELECT TO tessera_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY auth_read ON tessera.token_prefixes FOR SELECT TO tessera_auth USING (true);
CREATE POLICY admin_all ON tessera.token_prefixes FOR ALL TO tessera_admin USING (true) WITH CHECK (true);
ALTER TABLE tessera.imported_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.imported_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.imported_tokens FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.imported_tokens FOR ALL TO tessera_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY auth_read ON tessera.imported_tokens FOR SELECT TO tessera_auth USING (true);

-- The application may set a hash and forget it, and never reads one.
GRANT SELECT (tenant_id, prefix, length, alphabet) ON tessera.token_prefixes TO tessera_app, tessera_auth;
GRANT SELECT, INSERT, DELETE ON tessera.token_prefixes TO tessera_admin;
GRANT SELECT (tenant_id, token_id), INSERT (tenant_id, hash, token_id, prefix), DELETE ON tessera.imported_tokens TO tessera_app;
GRANT SELECT (tenant_id, hash, token_id, prefix) ON tessera.imported_tokens TO tessera_auth;

-- Which of these hashes the transaction's tenant has already, by their positions from 1 on.
CREATE FUNCTION tessera.imported_hashes(hashes bytea[]) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS
$$
    SELECT h.position FROM unnest(hashes) WITH ORDINALITY AS h (hash, position)
    JOIN tessera.imported_tokens i ON i.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid AND i.hash = h.hash
$$;
REVOKE ALL ON FUNCTION tessera.imported_hashes(bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.imported_hashes(bytea[]) TO tessera_app;

-- Beside the one before, which nodes of the version before call until they are restarted. As it, and what people see of the token is that of its new secret: an imported one has ours from then on. Once somebody has the new
-- one, the token isn't exposed any more; a token that rotates itself may be in the hands of whoever found it.
CREATE FUNCTION tessera.token_rotate(token uuid, expected integer, secret bytea, visible text, seen_by uuid, at timestamptz,
    overlap_end timestamptz) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
$$
DECLARE
    tenant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
    earlier bytea;
BEGIN
    SELECT t.token_hash INTO earlier FROM tessera.api_tokens t
    WHERE t.tenant_id = tenant AND t.id = token AND t.version = expected AND t.revoked_at IS NULL AND t.deleted_at IS NULL
    FOR UPDATE;
    IF NOT FOUND OR EXISTS (SELECT FROM tessera.token_secrets s WHERE s.tenant_id = tenant AND s.token_id = token AND s.good_until > at) THEN
        RETURN false;
    END IF;
    INSERT INTO tessera.token_secrets (tenant_id, token_id, hash, replaced_at, good_until) VALUES (tenant, token, earlier, at, overlap_end);
    UPDATE tessera.api_tokens SET token_hash = secret, token_prefix = visible, secret_seen_by = seen_by, secret_seen_at = at, updated_at = at,
        exposed_at = CASE WHEN seen_by IS NULL THEN exposed_at END, version = version + 1
    WHERE tenant_id = tenant AND id = token;
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION tessera.token_rotate(uuid, integer, bytea, text, uuid, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.token_rotate(uuid, integer, bytea, text, uuid, timestamptz, timestamptz) TO tessera_app;

-- +down
DROP FUNCTION tessera.token_rotate(uuid, integer, bytea, text, uuid, timestamptz, timestamptz);
DROP FUNCTION tessera.imported_hashes(bytea[]);
DROP TABLE tessera.imported_tokens, tessera.token_prefixes;
