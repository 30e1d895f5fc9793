/// What history and files say together.
package struct MigrationPlan: Sendable {
    /// What is applied, oldest first.
    package let applied: [AppliedMigration]
    /// What isn't, oldest first.
    package let pending: [Migration]
    /// Where files and history disagree, a sentence each; nothing is run while there is any.
    package let conflicts: [String]

    package init(files: [Migration], history: [AppliedMigration]) {
        let known = Dictionary(uniqueKeysWithValues: files.map { ($0.version, $0) })
        let done = Set(history.filter(\.isComplete).map(\.version))
        applied = history.filter(\.isComplete)
        pending = files.filter { !done.contains($0.version) }
        var conflicts: [String] = []
        for entry in history {
            guard let file = known[entry.version] else {
                conflicts.append("\(entry.label) is applied but its file is gone: deploy the version that has it, or put it back.")
                continue
            }
            if file.checksum != entry.checksum {
                conflicts.append("\(entry.label) was changed after it was applied: undo the change and make a new migration of it.")
            }
        }
        if let newest = applied.last?.version {
            for migration in pending where migration.version < newest {
                conflicts.append("\(migration.label) is older than \(newest), which is applied: give it a later version.")
            }
        }
        self.conflicts = conflicts
    }

    /// Throws ``MigrationFailure`` unless files and history agree.
    package func requireNoConflicts() throws(MigrationFailure) {
        if !conflicts.isEmpty { throw MigrationFailure(.drift, conflicts.joined(separator: "\n")) }
    }
}

extension Migration {
    package var label: String { "\(version)_\(name)" }
}
