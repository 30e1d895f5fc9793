import Foundation
import Support

/// What came of many `GET`s by `wrk` (`Scripts/bearer.lua`), each with one of the credentials in turn.
struct BearerLoad: Sendable {
    /// Each of them was answered.
    let sent: Int
    let seconds: Double
    private let statuses: JSON

    /// Ends after `requests` or `seconds`, whichever comes first.
    static func run(
        _ api: RunningAPI, _ path: String = "/api/v1/me", credentials: [String], connections: Int = 16, requests: Int = .max, seconds: Int = 120
    ) async throws -> BearerLoad {
        let file = FileManager.default.temporaryDirectory.appending(path: "tessera-credentials-\(UUID().uuidString)")
        try Data(credentials.joined(separator: "\n").utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let script = Checkout.path("Tests/AcceptanceTests/Load/Scripts/bearer.lua")
        let arguments = ["-t1", "-c\(connections)", "-d\(seconds + 30)s", "-s", script, api.url + path, "--", file.path, "\(requests)", "\(seconds)"]
        let wrk = try await Support.run("/usr/bin/wrk", arguments, within: .seconds(seconds + 40))
        guard let line = wrk.output.split(separator: "\n").last(where: { $0.hasPrefix("{") }) else {
            throw Missing(what: "a report of wrk: \(wrk.output) \(wrk.errors)")
        }
        let report = JSON(Data(line.utf8))
        guard let sent = report.sent.int, let seconds = report.seconds.double else { throw Missing(what: "a report in \(line)") }
        return BearerLoad(sent: sent, seconds: seconds, statuses: report.statuses)
    }

    /// By status.
    var counts: [Int: Int] {
        Dictionary(uniqueKeysWithValues: statuses.names.compactMap { name in Int(name).map { ($0, statuses[name].count.int ?? 0) } })
    }

    /// When the first and the last answer with this status came; nil: none did.
    func times(of status: Int) -> (first: Date, last: Date)? {
        guard let first = statuses["\(status)"].first.double, let last = statuses["\(status)"].last.double else { return nil }
        return (Date(timeIntervalSince1970: first), Date(timeIntervalSince1970: last))
    }
}
