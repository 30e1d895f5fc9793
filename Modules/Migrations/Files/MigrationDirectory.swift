package import Foundation

/// The folder of migration files.
package enum MigrationDirectory {
    /// Every migration in `path`, oldest first. Throws ``MigrationFailure`` for a missing folder, a bad name, a version that stands
    /// twice, or a file that can't be read.
    package static func load(_ path: String) throws(MigrationFailure) -> [Migration] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw MigrationFailure(.usage, "There is no folder \(path): name the migrations with --directory.")
        }
        var migrations: [Migration] = []
        for name in names.sorted() where name.hasSuffix(".sql") {
            guard let data = FileManager.default.contents(atPath: path + "/" + name), let text = String(validating: data, as: UTF8.self) else {
                throw MigrationFailure(.drift, "\(name) can't be read as UTF-8.")
            }
            let migration = try MigrationParser.parse(text, fileName: name)
            if let last = migrations.last, last.version == migration.version {
                throw MigrationFailure(
                    .drift, "Version \(migration.version) stands twice: \(last.name) and \(migration.name). Give one a later time.")
            }
            migrations.append(migration)
        }
        if migrations.isEmpty { throw MigrationFailure(.usage, "There is no migration in \(path).") }
        return migrations
    }

    /// Writes an empty migration and answers its path.
    package static func create(_ name: String, in path: String, at now: Date) throws(MigrationFailure) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "yyyyMMddHHmmss"
        let fileName = "\(formatter.string(from: now))_\(name).sql"
        let text = "-- What changes, and why.\n\n-- +up\nSELECT 1;\n\n-- +down\nSELECT 1;\n"
        _ = try MigrationParser.parse(text, fileName: fileName)
        guard FileManager.default.createFile(atPath: path + "/" + fileName, contents: Data(text.utf8)) else {
            throw MigrationFailure(.failed, "\(path)/\(fileName) can't be written.")
        }
        return path + "/" + fileName
    }
}
