/// What went wrong between here and the database.
///
/// `description` names kind, SQLSTATE and constraint only: no value, no SQL and no server message, since those quote data.
/// `debugDescription` has the server's message, for logs that may.
package struct PostgresError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package enum Kind: String, Sendable {
        /// The server refused the statement: see ``PostgresError/sqlState``.
        case server
        /// There is no connection, or it broke; what was in flight may or may not have happened.
        case connection
        /// The server didn't answer in time.
        case statementTimeout = "statement timeout"
        /// No connection became free in time.
        case poolTimeout = "pool timeout"
        case poolClosed = "pool closed"
        /// A row can't be read as asked: a slip in the program.
        case decoding
        case invalidConfiguration = "invalid configuration"
        /// A statement that can't be sent, and wasn't: a slip in the program.
        case invalidStatement = "invalid statement"
    }

    package let kind: Kind
    package var sqlState: SQLState?
    package var constraint: String?
    package var schema: String?
    package var table: String?
    /// Where in the statement, in characters from 1.
    package var position: Int?
    /// A prepared statement is unknown to the server, or its plan doesn't fit the tables any longer.
    var isStalePlan = false
    /// The request never left this process: it may be made again on another connection.
    var isUnsent = false
    /// The server's words: for logs and for operators at a terminal.
    package var message: String?

    package init(_ kind: Kind, sqlState: SQLState? = nil, message: String? = nil) {
        self.kind = kind
        self.sqlState = sqlState
        self.message = message
    }

    /// The connection is gone or could not be had.
    package var isConnectionLoss: Bool {
        switch kind {
        case .connection, .poolTimeout, .poolClosed: true
        case .server: sqlState.map { $0.condition == "08" || $0.rawValue.hasPrefix("57P") || $0.condition == "53" } ?? false
        default: false
        }
    }

    /// The transaction was rolled back for a reason that may be gone next time.
    package var isRetryable: Bool {
        switch sqlState {
        case .serializationFailure, .deadlockDetected, .lockNotAvailable: true
        default: false
        }
    }

    package var description: String {
        var text = "PostgreSQL: \(kind.rawValue)"
        if let sqlState { text += " \(sqlState.rawValue)" }
        if let constraint { text += " (constraint \(constraint))" }
        return text
    }

    package var debugDescription: String { message.map { "\(description): \($0)" } ?? description }
}

extension PostgresError {
    /// This error, of a request that was not sent.
    var unsent: PostgresError {
        var error = self
        error.isUnsent = true
        return error
    }
}
