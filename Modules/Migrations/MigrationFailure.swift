/// Why the runner stopped, in one sentence that says what to do, and the exit code that scripts can tell it by.
package struct MigrationFailure: Error, Sendable, CustomStringConvertible {
    package enum Kind: Int32, Sendable {
        case failed = 1
        case usage = 2
        /// `status --check`: there is something to apply.
        case pending = 3
        /// Files and history don't match.
        case drift = 4
        /// Another runner holds the lock.
        case locked = 5
        case unreachable = 7
    }

    package let kind: Kind
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
