/// The roles of the database, each with what its work needs and no more.
package enum DatabaseRole: String, CaseIterable, Sendable {
    case owner = "tessera_owner"
    case migrator = "tessera_migrator"
    case auth = "tessera_auth"
    case app = "tessera_app"
    case admin = "tessera_admin"
    case ingest = "tessera_ingest"
    case jobs = "tessera_jobs"

    package var logsIn: Bool { self != .owner }

    /// Used by the running product: may use the schema `tessera`.
    package var servesRequests: Bool { logsIn && self != .migrator }

    var attributes: String { (logsIn ? "LOGIN" : "NOLOGIN") + " NOCREATEDB NOCREATEROLE INHERIT" }

    /// A role's own settings: bounds for the running product, and terse errors, since a CHECK failure quotes whole rows otherwise.
    var settings: [(String, String)] {
        guard servesRequests else { return [] }
        return [
            ("statement_timeout", self == .jobs ? "60s" : "15s"), ("lock_timeout", "2s"), ("idle_in_transaction_session_timeout", "10s"),
            ("log_error_verbosity", "terse"),
        ]
    }
}
