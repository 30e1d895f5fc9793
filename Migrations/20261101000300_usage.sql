-- The usage log: one row a request in weekly partitions, exact totals in rollups, and the mark that makes a batch count once.

-- +up
CREATE TABLE tessera.api_token_usage (
    tenant_id          uuid NOT NULL,
    token_id           uuid NOT NULL,
    occurred_at        timestamptz NOT NULL,
    id                 uuid NOT NULL,
    method             text NOT NULL,
    response_status    smallint NOT NULL,
    processing_time_us integer NOT NULL,
    endpoint           text NOT NULL CHECK (octet_length(endpoint) <= 300),
    ip_address         inet,
    user_agent         text CHECK (octet_length(user_agent) <= 300),
    request_id         uuid,
    PRIMARY KEY (tenant_id, token_id, occurred_at, id)
) PARTITION BY RANGE (occurred_at);

CREATE TABLE tessera.api_token_usage_hourly (
    tenant_id       uuid NOT NULL,
    token_id        uuid NOT NULL,
    bucket          timestamptz NOT NULL,
    method          text NOT NULL,
    status          smallint NOT NULL,
    requests        bigint NOT NULL,
    duration_us_sum bigint NOT NULL,
    le_1ms          bigint NOT NULL,
    le_5ms          bigint NOT NULL,
    le_25ms         bigint NOT NULL,
    le_100ms        bigint NOT NULL,
    le_500ms        bigint NOT NULL,
    le_2500ms       bigint NOT NULL,
    -- Of these requests, how many are rows; the rest are refusals beyond the ones listed a minute.
    listed          bigint NOT NULL,
    PRIMARY KEY (tenant_id, token_id, bucket, method, status)
) WITH (fillfactor = 80);
CREATE TABLE tessera.api_token_usage_daily (LIKE tessera.api_token_usage_hourly INCLUDING ALL) WITH (fillfactor = 80);

-- What a recorder has stored: batches carry consecutive numbers.
CREATE TABLE tessera.usage_mark (
    incarnation uuid PRIMARY KEY,
    last_seq    bigint NOT NULL,
    updated_at  timestamptz NOT NULL
);

ALTER TABLE tessera.api_token_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.api_token_usage FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.api_token_usage FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.api_token_usage FOR SELECT TO tessera_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY ingest_insert ON tessera.api_token_usage FOR INSERT TO tessera_ingest WITH CHECK (true);

ALTER TABLE tessera.api_token_usage_hourly ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.api_token_usage_hourly FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.api_token_usage_hourly FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.api_token_usage_hourly FOR SELECT TO tessera_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY ingest_all ON tessera.api_token_usage_hourly FOR ALL TO tessera_ingest USING (true) WITH CHECK (true);

ALTER TABLE tessera.api_token_usage_daily ENABLE ROW LEVEL SECURITY;
ALTER TABLE tessera.api_token_usage_daily FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON tessera.api_token_usage_daily FOR ALL TO tessera_owner USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON tessera.api_token_usage_daily FOR SELECT TO tessera_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY ingest_all ON tessera.api_token_usage_daily FOR ALL TO tessera_ingest USING (true) WITH CHECK (true);

GRANT SELECT ON tessera.api_token_usage, tessera.api_token_usage_hourly, tessera.api_token_usage_daily TO tessera_app;
GRANT INSERT ON tessera.api_token_usage TO tessera_ingest;
GRANT SELECT, INSERT, UPDATE ON tessera.api_token_usage_hourly, tessera.api_token_usage_daily TO tessera_ingest;
GRANT SELECT, INSERT, UPDATE ON tessera.usage_mark TO tessera_ingest;

-- +down
DROP TABLE tessera.usage_mark, tessera.api_token_usage_daily, tessera.api_token_usage_hourly, tessera.api_token_usage;
