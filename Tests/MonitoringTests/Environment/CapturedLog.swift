import Foundation
import Logging
import Monitoring
import Synchronization
import Testing

/// Collects what a logger writes.
final class CapturedLog: Sendable {
    private let bytes = Mutex(Data())
    private let layout: LogLayout

    init(_ layout: LogLayout = .json) { self.layout = layout }

    /// The lines that `body` logs.
    func lines(level: Logger.Level = .trace, _ body: (Logger) -> Void) -> [String] {
        let output = LogOutput { data in self.bytes.withLock { $0.append(data) } }
        body(Logger(label: "test") { LineLogHandler(label: $0, level: level, layout: self.layout, output: output) })
        output.flush()
        let text = bytes.withLock { String(decoding: $0, as: UTF8.self) }
        return text.split(separator: "\n").map(String.init)
    }

    /// The members of each line, read by a JSON parser.
    func objects(_ body: (Logger) -> Void) throws -> [[String: Any]] {
        try lines(body).map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            return try #require(object as? [String: Any], "\(line)")
        }
    }
}
