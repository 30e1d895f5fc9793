import Auth
import Domain
import Postgres

/// What to tell a person of an error that ends the process.
enum FailureSentence {
    static func of(_ error: any Error) -> String {
        switch error {
        case let error as InvalidSettings: error.description
        case let error as NotReady: error.description
        case let error as BrokenAudit: error.description
        case is KeysUnreadable:
            "The signing keys in the database were sealed by another key: set TESSERA_AUTH_KEY_ENCRYPTION_KEY to the one they were made with."
        // The library's own words would quote the URL, password and all.
        case let error as PostgresError where error.kind == .invalidConfiguration:
            "TESSERA_DATABASE_URL can't be parsed: use postgresql://user@host:port/name, with special characters percent-encoded."
        case let error as PostgresError where error.isConnectionLoss:
            "The database can't be reached (\(error.message ?? error.description)): check TESSERA_DATABASE_URL and that the server runs."
        case let error as PostgresError: "The database refused: \(error.debugDescription). Was tessera-migrate bootstrap run?"
        case let error as Refusal: error.internalReason ?? error.detail
        default: String(reflecting: error)
        }
    }
}
