-- Services of the platform's own that may ask about tokens of every tenant. Global: they are in no tenant.

-- +up
CREATE TABLE tessera.introspectors (
    id         uuid PRIMARY KEY,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    hash       bytea NOT NULL CHECK (octet_length(hash) = 32),
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);

-- Who serves verifies, and can make none; the operator's command makes and revokes, and reads no hash.
GRANT SELECT (id, hash, revoked_at) ON tessera.introspectors TO tessera_auth;
GRANT SELECT (id, name, created_at, revoked_at), INSERT (id, name, hash, created_at), UPDATE (revoked_at) ON tessera.introspectors TO tessera_admin;

-- +down
DROP TABLE tessera.introspectors;
