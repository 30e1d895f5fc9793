import Logging
import Postgres

/// Connections whose failures say what to do.
enum DatabaseAccess {
    static func connect(_ configuration: ConnectionConfiguration, logger: Logger) async throws -> PostgresConnection {
        do {
            return try await PostgresConnection.connect(configuration, logger: logger)
        } catch {
            throw explained(error)
        }
    }

    /// The sentence for an error that isn't one yet.
    static func explained(_ error: any Error) -> any Error {
        guard let error = error as? PostgresError else { return error }
        switch error.kind {
        case .invalidConfiguration:
            // The library's own words would quote the URL, password and all.
            return MigrationFailure(
                .usage, "The database URL can't be parsed: use postgresql://user@host:port/name, with special characters percent-encoded.")
        case .connection:
            return MigrationFailure(
                .unreachable, "The database can't be reached: \(error.message ?? "no answer"). Check the URL and that the server runs.")
        default:
            let hint = error.sqlState == .undefinedSchema || error.sqlState == .insufficientPrivilege ? " Run tessera-migrate bootstrap first." : ""
            return MigrationFailure(.failed, "The database refused: \(error.message ?? error.description).\(hint)")
        }
    }
}
