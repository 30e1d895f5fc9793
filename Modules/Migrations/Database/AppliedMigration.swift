package import FoundationEssentials

/// A row of the runner's history.
package struct AppliedMigration: Sendable {
    package let version: Int64
    package let name: String
    package let checksum: String
    /// False while a file without a transaction is on its way, or was interrupted.
    package let isComplete: Bool
    /// Statements of it that are done.
    package let statements: Int
    package let appliedAt: Date
    /// Milliseconds.
    package let duration: Int

    package var label: String { "\(version)_\(name)" }
}
