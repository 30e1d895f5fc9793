/// One migration file.
package struct Migration: Sendable {
    /// The fourteen digits `YYYYMMDDHHMMSS` that its name begins with.
    package let version: Int64
    /// What stands between version and `.sql`.
    package let name: String
    package let up: MigrationSection
    /// nil: there is no way back.
    package let down: MigrationSection?
    /// Whether a transaction runs around it; `-- +no-transaction` takes it away, for what can't run in one.
    package let isTransactional: Bool

    /// SHA-256, in hex, over the statements without comments and with white space folded: what a formatter or a licence header
    /// changes is no change.
    package var checksum: String { Checksum.hex(of: up.statements.map(\.text), down?.statements.map(\.text) ?? []) }
}

/// The statements behind `-- +up` or `-- +down`.
package struct MigrationSection: Sendable {
    /// As it stands in the file.
    package let text: String
    package let statements: [Statement]
    /// The line of the file that ``text`` begins in, from 1.
    package let line: Int

    package struct Statement: Sendable {
        /// Without comments, white space folded.
        package let text: String
        /// The line of the section it begins in, from 0.
        package let line: Int
    }
}
