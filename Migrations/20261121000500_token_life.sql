-- How far a token reaches can be set and changed: scopes, end, networks, a limit of its own.

-- +up
ALTER TABLE tessera.api_tokens
    ADD CONSTRAINT api_tokens_rate_limit CHECK ((rate_limit_requests IS NULL) = (rate_limit_window_seconds IS NULL));
GRANT INSERT (allowed_cidrs, rate_limit_requests, rate_limit_window_seconds),
    UPDATE (scopes, expires_at, allowed_cidrs, rate_limit_requests, rate_limit_window_seconds) ON tessera.api_tokens TO tessera_app;
GRANT SELECT (created_at, allowed_cidrs, rate_limit_requests, rate_limit_window_seconds) ON tessera.api_tokens TO tessera_auth;

-- +down
REVOKE SELECT (created_at, allowed_cidrs, rate_limit_requests, rate_limit_window_seconds) ON tessera.api_tokens FROM tessera_auth;
REVOKE INSERT (allowed_cidrs, rate_limit_requests, rate_limit_window_seconds),
    UPDATE (scopes, expires_at, allowed_cidrs, rate_limit_requests, rate_limit_window_seconds) ON tessera.api_tokens FROM tessera_app;
ALTER TABLE tessera.api_tokens DROP CONSTRAINT api_tokens_rate_limit;
