import Postgres
import Support
import Testing

/// Every role has exactly these rights, and no one else has any.
@Suite struct GrantsTests {
    /// Whole-table rights, `role table: rights`.
    private static let tables = [
        "tessera_admin audit_anchor: SELECT",
        "tessera_admin audit_head: SELECT",
        "tessera_admin audit_log: SELECT",
        "tessera_admin feature_flags: SELECT",
        "tessera_admin idempotency_keys: INSERT SELECT UPDATE",
        "tessera_admin tenant_feature_flags: DELETE INSERT SELECT",
        "tessera_admin tenant_limits: INSERT SELECT UPDATE",
        "tessera_admin token_prefixes: DELETE INSERT SELECT",
        "tessera_app api_token_usage: SELECT",
        "tessera_app api_token_usage_daily: SELECT",
        "tessera_app api_token_usage_hourly: SELECT",
        "tessera_app audit_log: SELECT",
        "tessera_app idempotency_keys: INSERT SELECT UPDATE",
        "tessera_app imported_tokens: DELETE",
        "tessera_app invitations: SELECT",
        "tessera_app memberships: DELETE SELECT",
        "tessera_app notices: SELECT",
        "tessera_app service_accounts: INSERT SELECT",
        "tessera_app tenants: SELECT",
        "tessera_app token_activity: SELECT",
        "tessera_app token_events: SELECT",
        "tessera_app token_permission_use: SELECT",
        "tessera_app token_secrets: DELETE",
        "tessera_auth device_tokens: DELETE INSERT SELECT UPDATE",
        "tessera_auth idempotency_keys: INSERT SELECT UPDATE",
        "tessera_auth invitations: SELECT",
        "tessera_auth leak_reports: INSERT",
        "tessera_auth login_attempts: DELETE INSERT SELECT UPDATE",
        "tessera_auth memberships: DELETE",
        "tessera_auth one_time_secrets: DELETE INSERT SELECT UPDATE",
        "tessera_auth refresh_tokens: DELETE INSERT SELECT UPDATE",
        "tessera_auth sessions: DELETE INSERT SELECT UPDATE",
        "tessera_auth signing_keys: INSERT SELECT UPDATE",
        "tessera_auth users: DELETE INSERT SELECT UPDATE",
        "tessera_ingest api_token_usage: INSERT",
        "tessera_ingest api_token_usage_daily: INSERT SELECT UPDATE",
        "tessera_ingest api_token_usage_hourly: INSERT SELECT UPDATE",
        "tessera_ingest token_activity: INSERT SELECT UPDATE",
        "tessera_ingest token_events: INSERT SELECT",
        "tessera_ingest token_permission_use: INSERT SELECT UPDATE",
        "tessera_ingest usage_mark: INSERT SELECT UPDATE",
        "tessera_jobs history: SELECT",
        "tessera_jobs job_runs: INSERT SELECT UPDATE",
        "tessera_jobs outbox: DELETE SELECT",
    ]

    /// Rights on single columns, `role table right: columns`.
    private static let columns = [
        "tessera_admin feature_flags UPDATE: default_enabled description killed rollout_percent updated_at version",
        "tessera_admin introspectors INSERT: created_at hash id name",
        "tessera_admin introspectors SELECT: created_at id name revoked_at",
        "tessera_admin introspectors UPDATE: revoked_at",
        "tessera_admin invitations INSERT: created_at created_by email expires_at id role tenant_id",
        "tessera_admin memberships INSERT: email joined_at name role tenant_id user_id",
        "tessera_admin outbox INSERT: created_at details id kind next_attempt_at recipient subject_id tenant_id",
        "tessera_admin sessions SELECT: id revoked_at user_id",
        "tessera_admin sessions UPDATE: revoked_at",
        "tessera_admin tenant_feature_flags UPDATE: enabled reason set_at set_by",
        "tessera_admin tenants INSERT: created_at id name slug updated_at",
        "tessera_admin tenants SELECT: created_at id name slug status updated_at version",
        "tessera_admin tenants UPDATE: status updated_at version",
        "tessera_admin users SELECT: created_at deleted_at email email_verified_at id is_platform_admin name status",
        "tessera_admin users UPDATE: is_platform_admin status updated_at",
        "tessera_app api_tokens INSERT: allowed_cidrs created_at created_by description expires_at id is_active metadata name owner_id owner_type parent_token_id rate_limit_requests rate_limit_window_seconds scopes scopes_since secret_seen_at secret_seen_by tenant_id token_hash token_prefix updated_at",
        "tessera_app api_tokens SELECT: allowed_cidrs created_at created_by deleted_at description expires_at exposed_at id is_active metadata name owner_id owner_type parent_token_id rate_limit_requests rate_limit_window_seconds revoked_at revoked_reason scopes scopes_since secret_seen_at secret_seen_by tenant_id token_prefix updated_at version",
        "tessera_app api_tokens UPDATE: allowed_cidrs deleted_at description expires_at is_active metadata name rate_limit_requests rate_limit_window_seconds revoked_at revoked_reason scopes scopes_since token_hash updated_at version",
        "tessera_app feature_flags SELECT: default_enabled key killed rollout_percent version",
        "tessera_app imported_tokens INSERT: hash prefix tenant_id token_id",
        "tessera_app imported_tokens SELECT: tenant_id token_id",
        "tessera_app invitations INSERT: created_at created_by email expires_at id role tenant_id",
        "tessera_app invitations UPDATE: expires_at withdrawn_at",
        "tessera_app memberships UPDATE: role",
        "tessera_app notices UPDATE: read_at",
        "tessera_app outbox INSERT: created_at details id kind next_attempt_at recipient subject_id tenant_id",
        "tessera_app service_accounts UPDATE: name role status updated_at version",
        "tessera_app tenant_feature_flags SELECT: enabled flag_key tenant_id",
        "tessera_app tenants UPDATE: name settings status token_policy updated_at version",
        "tessera_app token_prefixes SELECT: alphabet length prefix tenant_id",
        "tessera_app token_secrets SELECT: good_until last_used_at replaced_at tenant_id token_id",
        "tessera_app token_secrets UPDATE: good_until",
        "tessera_auth api_tokens SELECT: allowed_cidrs created_at deleted_at expires_at id is_active owner_id owner_type rate_limit_requests rate_limit_window_seconds revoked_at scopes tenant_id token_hash",
        "tessera_auth feature_flags SELECT: default_enabled key killed rollout_percent version",
        "tessera_auth imported_tokens SELECT: hash prefix tenant_id token_id",
        "tessera_auth introspectors SELECT: hash id revoked_at",
        "tessera_auth invitations UPDATE: accepted_at",
        "tessera_auth memberships INSERT: email joined_at last_selected_at name role tenant_id user_id",
        "tessera_auth memberships SELECT: joined_at last_selected_at role tenant_id user_id",
        "tessera_auth memberships UPDATE: email last_selected_at name",
        "tessera_auth outbox INSERT: created_at details id kind next_attempt_at recipient subject_id tenant_id",
        "tessera_auth service_accounts SELECT: id name role status tenant_id",
        "tessera_auth tenant_feature_flags SELECT: enabled flag_key tenant_id",
        "tessera_auth tenant_limits SELECT: changed_at shadow tenant_id tenant_requests tenant_window token_requests token_window user_requests user_window version",
        "tessera_auth tenants INSERT: created_at id name slug updated_at",
        "tessera_auth tenants SELECT: id name slug status token_policy",
        "tessera_auth token_activity SELECT: last_used_at tenant_id token_id",
        "tessera_auth token_prefixes SELECT: alphabet length prefix tenant_id",
        "tessera_auth token_secrets SELECT: good_until hash tenant_id token_id",
        "tessera_ingest token_secrets SELECT: good_until last_used_at replaced_at tenant_id token_id",
        "tessera_ingest token_secrets UPDATE: last_used_at",
        "tessera_jobs outbox UPDATE: attempts failure leased_until next_attempt_at sent_at",
    ]

    @Test func tablesAreGrantedAsWritten() async throws {
        try await TestDatabase.with { database in
            let connection = try await database.connect()
            let tables = try await connection.query(
                """
                SELECT grantee || ' ' || relname || ': ' || string_agg(privilege_type, ' ' ORDER BY privilege_type COLLATE "C") FROM (
                    SELECT coalesce(r.rolname::text, 'PUBLIC') AS grantee, c.relname::text, acl.privilege_type
                    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) acl LEFT JOIN pg_roles r ON r.oid = acl.grantee
                    WHERE n.nspname IN ('tessera', 'tessera_partitions', 'tessera_migrations') AND acl.grantee <> c.relowner) g
                GROUP BY grantee, relname ORDER BY grantee COLLATE "C", relname COLLATE "C"
                """
            ).decode(String.self)
            #expect(tables == Self.tables)
            let columns = try await connection.query(
                """
                SELECT rolname || ' ' || relname || ' ' || privilege_type || ': ' || string_agg(attname, ' ' ORDER BY attname COLLATE "C") FROM (
                    SELECT r.rolname::text, c.relname::text, acl.privilege_type, a.attname::text
                    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid, aclexplode(a.attacl) acl JOIN pg_roles r ON r.oid = acl.grantee) g
                GROUP BY rolname, relname, privilege_type ORDER BY rolname COLLATE "C", relname COLLATE "C", privilege_type COLLATE "C"
                """
            ).decode(String.self)
            #expect(columns == Self.columns)
            await connection.close()
        }
    }

    @Test func schemasAndFunctionsAreGrantedAsWritten() async throws {
        try await TestDatabase.with { database in
            let connection = try await database.connect()
            let schemas = try await connection.query(
                """
                SELECT n.nspname || ' ' || coalesce(r.rolname, 'PUBLIC') || ' ' || acl.privilege_type FROM pg_namespace n, aclexplode(n.nspacl) acl
                LEFT JOIN pg_roles r ON r.oid = acl.grantee WHERE n.nspname LIKE 'tessera%' AND acl.grantee <> n.nspowner ORDER BY 1
                """
            ).decode(String.self)
            let users = ["tessera_admin", "tessera_app", "tessera_auth", "tessera_ingest", "tessera_jobs"]
            #expect(schemas == users.map { "tessera \($0) USAGE" } + ["tessera_migrations tessera_jobs USAGE"])
            let functions = try await connection.query(
                """
                SELECT p.proname || ' ' || coalesce(r.rolname, 'PUBLIC') FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace,
                    aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) acl LEFT JOIN pg_roles r ON r.oid = acl.grantee
                WHERE n.nspname = 'tessera' AND acl.grantee <> p.proowner ORDER BY 1
                """
            ).decode(String.self)
            #expect(
                functions == [
                    "audit_append tessera_admin", "audit_append tessera_app", "audit_append tessera_auth", "audit_append tessera_jobs",
                    "audit_drop tessera_jobs", "audit_heads_due tessera_jobs", "audit_heads_note tessera_jobs",
                    "idempotency_check tessera_admin", "idempotency_check tessera_app", "idempotency_check tessera_auth",
                    "idempotency_forget tessera_jobs", "idempotency_keep tessera_admin", "idempotency_keep tessera_app",
                    "idempotency_keep tessera_auth",
                    "imported_hashes tessera_app", "leak_reports_take tessera_jobs", "notices_forget tessera_jobs",
                    "secret_issue tessera_jobs", "sweep tessera_jobs", "tenant_has_other_owner tessera_app", "token_events_handle tessera_jobs",
                    "token_expiry_note tessera_jobs", "token_rotate tessera_app", "token_rotate tessera_app", "tokens_bury tessera_jobs",
                    "tokens_retire_idle tessera_jobs",
                    "tokens_revoke_of_user tessera_admin",
                    "tokens_revoke_of_user tessera_auth",
                    "usage_partition_drop tessera_jobs", "usage_partition_ensure tessera_jobs", "usage_partitions tessera_jobs",
                    "user_delete tessera_auth",
                ])
            let definers = try await connection.query(
                "SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'tessera' AND (p.proconfig IS NULL OR NOT p.proconfig @> ARRAY['search_path=\"\"'])"
            ).decode(Int.self)
            #expect(definers == [0])
            await connection.close()
        }
    }

    @Test func rolesHaveNoMoreThanTheyNeed() async throws {
        try await TestDatabase.with { database in
            let connection = try await database.connect()
            let strong = try await connection.query(
                "SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'tessera\\_%' AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)"
            ).decode(String.self)
            #expect(strong.isEmpty)
            let owners = try await connection.query(
                "SELECT DISTINCT r.rolname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner WHERE n.nspname LIKE 'tessera%'"
            ).decode(String.self)
            #expect(owners == ["tessera_owner"])
            let members = try await connection.query(
                "SELECT m.rolname::text || ' in ' || g.rolname FROM pg_auth_members am JOIN pg_roles m ON m.oid = am.member JOIN pg_roles g ON g.oid = am.roleid WHERE g.rolname LIKE 'tessera%'"
            ).decode(String.self)
            #expect(members == ["tessera_migrator in tessera_owner"])
            let bounded = try await connection.query(
                "SELECT rolname::text FROM pg_roles WHERE rolname IN ('tessera_auth', 'tessera_app', 'tessera_admin', 'tessera_ingest', 'tessera_jobs') AND rolconfig::text LIKE '%lock_timeout=2s%' AND rolconfig::text LIKE '%statement_timeout%' AND rolconfig::text LIKE '%idle_in_transaction_session_timeout=10s%' AND rolconfig::text LIKE '%terse%'"
            ).decode(String.self)
            #expect(bounded.count == 5)
            await connection.close()
        }
    }
}
