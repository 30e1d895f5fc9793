/// Reads a migration file: directives are comments that begin with `-- +`.
enum MigrationParser {
    /// - Parameter fileName: `20261101000100_people.sql`.
    /// Throws ``MigrationFailure`` that names the file and line.
    static func parse(_ text: String, fileName: String) throws(MigrationFailure) -> Migration {
        let (version, name) = try parse(fileName: fileName)
        var sections: [String: (line: Int, lines: [Substring])] = [:]
        var section: String?
        var isTransactional = true
        let clean = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        // A carriage return and its line feed are one Character.
        let lines = clean.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, line) in lines.enumerated() {
            switch directive(in: line) {
            case nil: if let section { sections[section]?.lines.append(line) }
            case "no-transaction": isTransactional = false
            case "up", "down":
                let directive = directive(in: line) ?? ""
                guard sections[directive] == nil else { throw fault(fileName, index, "-- +\(directive) stands twice") }
                section = directive
                sections[directive] = (index + 2, [])
            case let other?: throw fault(fileName, index, "-- +\(other) is no directive: there are up, down and no-transaction")
            }
        }
        guard let up = sections["up"] else { throw fault(fileName, 0, "there is no -- +up") }
        var down: MigrationSection?
        if let section = sections["down"] { down = try makeSection(section, fileName) }
        let migration = Migration(
            version: version, name: name, up: try makeSection(up, fileName), down: down, isTransactional: isTransactional)
        try check(migration, fileName)
        return migration
    }

    private static func parse(fileName: String) throws(MigrationFailure) -> (Int64, String) {
        let parts = fileName.dropLast(4).split(separator: "_", maxSplits: 1)
        guard fileName.hasSuffix(".sql"), parts.count == 2, parts[0].utf8.count == 14, let version = Int64(parts[0]),
            parts[1].utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 95 })
        else {
            throw MigrationFailure(.drift, "\(fileName) is not named YYYYMMDDHHMMSS_name.sql with a name of a–z, 0–9 and _.")
        }
        return (version, String(parts[1]))
    }

    private static func directive(in line: Substring) -> String? {
        let trimmed = line.drop { $0 == " " }
        guard trimmed.hasPrefix("-- +") else { return nil }
        return String(trimmed.dropFirst(4).prefix { !$0.isWhitespace })
    }

    private static func makeSection(_ section: (line: Int, lines: [Substring]), _ fileName: String) throws(MigrationFailure) -> MigrationSection {
        let text = section.lines.joined(separator: "\n")
        do {
            return MigrationSection(text: text, statements: try StatementSplitter.split(text), line: section.line)
        } catch {
            throw MigrationFailure(.drift, "\(fileName), line \(section.line + error.line): \(error.reason).")
        }
    }

    /// The runner's own transaction must be the only one in a file.
    private static func check(_ migration: Migration, _ fileName: String) throws(MigrationFailure) {
        guard migration.isTransactional else { return }
        for section in [migration.up, migration.down].compactMap(\.self) {
            for statement in section.statements {
                let word = statement.text.prefix { !$0.isWhitespace }.uppercased()
                if ["BEGIN", "COMMIT", "ROLLBACK", "START", "END", "SAVEPOINT"].contains(word) {
                    throw MigrationFailure(
                        .drift, "\(fileName), line \(section.line + statement.line): \(word) can't stand here, the file runs in one transaction.")
                }
            }
        }
    }

    private static func fault(_ fileName: String, _ line: Int, _ reason: String) -> MigrationFailure {
        MigrationFailure(.drift, "\(fileName), line \(line + 1): \(reason).")
    }
}
