import Foundation
import NIOHTTP1
import Support
import Synchronization

/// Knows every secret that a test's process gave out or was told, and looks in the end where else they are: in another response than the
/// one that is for it, in a log, in a row of any table, in a file.
///
/// Where a secret may be: a credential in the response that made it; a mailed one in its mail; a password nowhere; and the SHA-256 of a
/// credential in the table that it is checked by.
final class Canary: Sendable {
    private let state = Mutex(State())

    private struct State {
        var secrets: [String: Secret] = [:]
        /// Every response, one behind the other.
        var transcript = Data()
        /// Where in the transcript each response is.
        var responses = Sections()
    }

    private struct Secret {
        let kind: String
        /// The response that is for it.
        var home: Int?
    }

    /// Remembers a response, what it gives out, and what its request told.
    func hear(_ json: String?, _ reply: Reply) {
        let request = json.map { JSON(Data($0.utf8)) }
        state.withLock { state in
            let index = state.responses.begin(at: state.transcript.count)
            for (name, value) in reply.headers { state.transcript += Data("\(name): \(value)\n".utf8) }
            state.transcript += reply.bytes + Data("\n".utf8)
            func learn(_ secret: String?, _ kind: String, home: Int?) {
                if let secret, state.secrets[secret] == nil { state.secrets[secret] = Secret(kind: kind, home: home) }
            }
            for name in ["token", "accessToken", "refreshToken", "deviceToken"] { learn(reply.body[name].string, name, home: index) }
            for cookie in reply.headers[canonicalForm: "Set-Cookie"] {
                let value = cookie.prefix { $0 != ";" }.drop { $0 != "=" }.dropFirst()
                if value.hasPrefix("ts") { learn(String(value), "cookie", home: index) }
            }
            guard let request, (200..<300).contains(reply.status) else { return }
            // What was refused wasn't anybody's password.
            for name in ["password", "newPassword", "currentPassword"] { learn(request[name].string, "password", home: nil) }
            if request.secret.string?.hasPrefix("tsm_") == true { learn(request.secret.string, "mailed", home: nil) }
        }
    }

    /// Throws ``Leaked`` if a secret is where it must not be. To be called when the process has ended: then its log is whole.
    ///
    /// - Parameter home: the folder that was the process's own.
    func look(at process: ChildProcess, mails: [String], database: TestDatabase, home: String) async throws {
        let (traces, transcript, responses) = state.withLock { state in
            for secret in mails.flatMap({ $0.matches(of: /tsm_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}/) }).map({ String($0.0) })
            where state.secrets[secret] == nil {
                state.secrets[secret] = Secret(kind: "mailed", home: nil)
            }
            return (state.secrets.flatMap { Trace.all(of: $0.key, kind: $0.value.kind, home: $0.value.home) }, state.transcript, state.responses)
        }
        if traces.isEmpty { return }
        let folder = FileManager.default.temporaryDirectory.appending(path: "tessera-canary-\(UUID().uuidString)")
        let places = folder.appending(path: "places")
        try FileManager.default.createDirectory(at: places, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let rows = Array(try await self.rows(of: database).utf8)
        let lines = Sections(linesOf: rows)
        try Data(rows).write(to: places.appending(path: "rows"))
        try transcript.write(to: places.appending(path: "responses"))
        try Data((process.standardOutput + process.standardError).utf8).write(to: places.appending(path: "log"))
        let patterns = folder.appending(path: "patterns")
        try Data(Set(traces.map(\.text).filter { !$0.contains("\n") }).joined(separator: "\n").utf8).write(to: patterns)
        let grep = try await run(
            "/usr/bin/grep", ["-raboF", "-f", patterns.path, places.path] + (FileManager.default.fileExists(atPath: home) ? [home] : []),
            environment: ["LC_ALL": "C"])
        // 1: nothing was found.
        guard grep.code <= 1 else { throw Missing(what: "grep: \(grep.errors)") }
        let known = Dictionary(traces.map { ($0.text, $0) }) { one, _ in one }
        var leaks: Set<String> = []
        for line in grep.output.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2)
            guard parts.count == 3, let offset = Int(parts[1]), let trace = known[String(parts[2])] else { throw Missing(what: "sense in \(line)") }
            let place: String
            switch parts[0].split(separator: "/").last {
            case "responses":
                let index = responses.index(of: offset)
                if trace.form == .plain && trace.home == index { continue }
                place = "response \(index)"
            case "rows":
                let table = String(decoding: rows[lines.start(of: offset)...].prefix { $0 != UInt8(ascii: "\t") }, as: UTF8.self)
                if trace.form == .hash && Self.tablesOfHashes.contains(table) { continue }
                place = "table \(table)"
            case "log": place = "the log"
            default: place = String(parts[0])
            }
            leaks.insert("\(trace.kind) as \(trace.form) in \(place)")
        }
        guard leaks.isEmpty else { throw Leaked(leaks: leaks.sorted()) }
    }

    /// Those that credentials are checked by.
    private static let tablesOfHashes: Set<String> = [
        "tessera.api_tokens", "tessera.token_secrets", "tessera.refresh_tokens", "tessera.device_tokens", "tessera.one_time_secrets",
    ]

    /// Every row of every table as text, behind the table's name; partitions' rows through their parents.
    private func rows(of database: TestDatabase) async throws -> String {
        let script = Checkout.path("Tests/AcceptanceTests/Environment/Canary/every-row.sql")
        let psql = try await run(Checkout.postgres("psql"), ["-XAtq", "-v", "ON_ERROR_STOP=1", "-f", script, database.url(role: "postgres")])
        guard psql.code == 0 else { throw Missing(what: "every row: \(psql.errors)") }
        return psql.output
    }
}

/// Where secrets were found.
struct Leaked: Error {
    let leaks: [String]
}
