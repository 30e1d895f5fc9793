import Postgres

/// What other connections are doing, as a bystander sees it.
extension PostgresConnection {
    /// Whether a backend of this database is inside a statement that contains `fragment`.
    func sees(running fragment: String) async throws -> Bool {
        // Reads the list of backends: no index, a few dozen rows.
        try await query(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND strpos(query, \(fragment)) > 0
            """
        ).only(Int.self) > 0
    }

    /// What backend `pid` waits for, e.g. `ClientWrite`; nil when it doesn't wait or isn't there.
    func waitEvent(of pid: Int32) async throws -> String? {
        guard let row = try await query("SELECT wait_event FROM pg_stat_activity WHERE pid = \(pid)").first else { return nil }
        return try row.decode(String?.self)
    }

    /// Whether backend `pid` lives.
    func sees(backend pid: Int32) async throws -> Bool { try await !query("SELECT 1 FROM pg_stat_activity WHERE pid = \(pid)").isEmpty }

    /// Whether somebody waits for advisory lock `key`.
    func sees(waiterFor key: Int) async throws -> Bool {
        try await query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid::int8 = \(key) AND NOT granted").only(Int.self) > 0
    }
}

extension Rows {
    /// The one value of the one row.
    func only<Value: PostgresDecodable>(_ type: Value.Type) throws -> Value {
        guard count == 1 else { throw PostgresError(.decoding, message: "\(count) rows, not one") }
        return try self[0].decode(type)
    }
}
