/// How to reach a database and as whom.
package struct ConnectionConfiguration: Sendable, CustomStringConvertible {
    /// A libpq URL or conninfo string; TLS is set by its `sslmode` and kin.
    package var url: String
    /// Overrides the URL's.
    package var user: String?
    package var password: String?
    package var database: String?
    package var applicationName = "tessera"
    package var statementMode = StatementMode.named
    package var connectTimeout = Duration.seconds(5)
    /// How long the server works on one statement; nil leaves the role's setting. Not sent in ``StatementMode/unnamed``, since
    /// old poolers refuse it: there the role's own setting holds.
    package var statementTimeout: Duration?

    package init(url: String) { self.url = url }

    /// Whether statements are prepared once a connection.
    package enum StatementMode: Sendable {
        /// Prepared by name and kept: the fastest.
        case named
        /// Parsed anew each time: for poolers in transaction mode that don't know prepared statements (pgbouncer before 1.21).
        case unnamed
    }

    package var description: String { "ConnectionConfiguration(\(user ?? "-"), \(applicationName))" }

    /// Keywords and values for `PQconnectStartParams`: the URL's, and over them what is set here.
    /// Throws ``PostgresError/Kind/invalidConfiguration`` if the URL can't be parsed.
    func keywords() throws(PostgresError) -> [String: String] {
        var keywords = try ConnectionString.parse(url)
        let defaults = [
            "client_encoding": "UTF8", "fallback_application_name": applicationName, "keepalives_idle": "30", "keepalives_interval": "10",
            "keepalives_count": "3", "tcp_user_timeout": "20000",
        ]
        keywords.merge(defaults) { given, _ in given }
        if let user { keywords["user"] = user }
        if let password { keywords["password"] = password }
        if let database { keywords["dbname"] = database }
        if let statementTimeout, case .named = statementMode {
            keywords["options"] = (keywords["options"].map { $0 + " " } ?? "") + "-c statement_timeout=\(statementTimeout.wholeMilliseconds)"
        }
        return keywords
    }
}

extension Duration {
    /// Whole milliseconds.
    package var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
