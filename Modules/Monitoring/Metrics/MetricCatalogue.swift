/// Every metric there is. What a library counts beside it is not shown.
package enum MetricCatalogue {
    package static let all: [MetricDescriptor] = [
        .init(
            "tessera_http_request_duration_seconds", .histogram(latency), "Time from a request's head to its response, by method, route and status."),
        .init("tessera_http_requests_in_flight", .gauge, "Requests being answered."),
        .init("tessera_authentications_total", .counter, "Credentials looked at, by kind and by what came of it."),
        .init("tessera_token_misses_total", .counter, "Well-formed API tokens whose id wasn't found, by how they were answered."),
        .init("tessera_rate_limit_refusals_total", .counter, "Requests refused because a limit was used up, by limit."),
        .init("tessera_rate_limit_shadowed_total", .counter, "Requests that a limit would have refused if it were enforced, by limit."),
        .init("tessera_limit_decisions_total", .counter, "Requests charged to limits, by who decided: memory, lease, store or fallback."),
        .init("tessera_limit_fallback_total", .counter, "Requests charged to this node's share alone, since the shared store didn't answer."),
        .init("tessera_token_refusals_total", .counter, "Requests refused although their token was proven, by reason."),
        .init("tessera_feature_enabled", .gauge, "Whether a feature is on where a tenant has nothing of its own, by flag."),
        .init("tessera_feature_evaluations_total", .counter, "How often it was asked whether a feature is on, by flag and answer."),
        .init("tessera_feature_flags_age_seconds", .gauge, "Time since the feature flags were last known to be as the database has them."),
        .init("tessera_usage_recorded_total", .counter, "Requests of proven tokens handed to the usage log."),
        .init("tessera_usage_stored_total", .counter, "Usage records stored in the database."),
        .init("tessera_usage_dropped_total", .counter, "Usage records that were lost, by reason."),
        .init("tessera_usage_batch_retries_total", .counter, "Usage batches that had to be tried again."),
        .init("tessera_usage_buffered_records", .gauge, "Usage records waiting to be stored."),
        .init("tessera_usage_batch_duration_seconds", .histogram(latency), "Time to store one usage batch."),
        .init("tessera_usage_partitions_ahead", .gauge, "Weeks ahead that the usage log has partitions for."),
        .init("tessera_swept_rows_total", .counter, "Rows deleted because they had had their time, by kind."),
        .init("tessera_housekeeping_total", .counter, "What housekeeping did, by chore."),
        .init("tessera_database_connections", .gauge, "Open shared connections, by pool."),
        .init("tessera_database_requests_in_flight", .gauge, "Units sent and not answered, by pool."),
        .init("tessera_database_waiting_requests", .gauge, "Callers waiting for a connection, by pool."),
        .init("tessera_log_dropped_lines_total", .counter, "Log lines that were dropped because the output was too slow."),
        .init("process_resident_memory_bytes", .gauge, "Resident memory."),
        .init("process_open_fds", .gauge, "Open file descriptors."),
        .init("process_start_time_seconds", .gauge, "Start of the process in seconds since 1970."),
    ]

    /// Seconds: from a cached answer to a hung one.
    private static let latency = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
}
