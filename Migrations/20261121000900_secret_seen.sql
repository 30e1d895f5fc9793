-- Who saw a token's secret last, for service accounts' tokens that somebody outside may know; and owners who can act.

-- +up
ALTER TABLE tessera.api_tokens ADD COLUMN secret_seen_by uuid, ADD COLUMN secret_seen_at timestamptz;
UPDATE tessera.api_tokens SET secret_seen_by = created_by, secret_seen_at = created_at;
GRANT SELECT (secret_seen_by, secret_seen_at), INSERT (secret_seen_by, secret_seen_at) ON tessera.api_tokens TO tessera_app;

-- As before, and remembers who sees the new secret: nobody, where the token rotates itself.
DROP FUNCTION tessera.token_rotate(uuid, integer, bytea, timestamptz, timestamptz);
CREATE FUNCTION tessera.token_rotate(token uuid, expected integer, secret bytea, seen_by uuid, at timestamptz, overlap_end timestamptz)
    RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
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
    UPDATE tessera.api_tokens SET token_hash = secret, secret_seen_by = seen_by, secret_seen_at = at, updated_at = at, version = version + 1
    WHERE tenant_id = tenant AND id = token;
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION tessera.token_rotate(uuid, integer, bytea, uuid, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.token_rotate(uuid, integer, bytea, uuid, timestamptz, timestamptz) TO tessera_app;

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
DROP FUNCTION tessera.token_rotate(uuid, integer, bytea, uuid, timestamptz, timestamptz);
CREATE FUNCTION tessera.token_rotate(token uuid, expected integer, secret bytea, at timestamptz, overlap_end timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
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
    UPDATE tessera.api_tokens SET token_hash = secret, updated_at = at, version = version + 1 WHERE tenant_id = tenant AND id = token;
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION tessera.token_rotate(uuid, integer, bytea, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tessera.token_rotate(uuid, integer, bytea, timestamptz, timestamptz) TO tessera_app;
REVOKE SELECT (secret_seen_by, secret_seen_at), INSERT (secret_seen_by, secret_seen_at) ON tessera.api_tokens FROM tessera_app;
ALTER TABLE tessera.api_tokens DROP COLUMN secret_seen_at, DROP COLUMN secret_seen_by;
