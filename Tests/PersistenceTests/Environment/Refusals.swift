import Domain
import Postgres

/// The code with which `body` is refused; nil if it isn't. Other errors are thrown on.
func refusal(_ body: () async throws -> Void) async throws -> ErrorCode? {
    do {
        try await body()
        return nil
    } catch let refusal as Refusal {
        return refusal.code
    }
}

/// The SQLSTATE with which the server refuses `body`; nil if it doesn't. Other errors are thrown on.
func sqlState(_ body: () async throws -> Void) async throws -> SQLState? {
    do {
        try await body()
        return nil
    } catch let error as PostgresError where error.sqlState != nil {
        return error.sqlState
    }
}
