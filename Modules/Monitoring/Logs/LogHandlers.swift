import Domain
import Foundation
package import Logging

/// How log lines look.
package enum LogLayout: Sendable {
    /// One JSON object a line, for machines.
    case json
    /// For a person at a terminal.
    case text
}

/// Writes log events as lines, with secrets taken out.
package struct LineLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    private let label: String
    private let layout: LogLayout
    private let output: LogOutput

    package init(label: String, level: Logger.Level, layout: LogLayout, output: LogOutput) {
        self.label = label
        logLevel = level
        self.layout = layout
        self.output = output
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var all = event.metadata.map { metadata.merging($0) { _, new in new } } ?? metadata
        if let error = event.error, all["error"] == nil { all["error"] = "\(error)" }
        let message = Redaction.clean("\(event.message)")
        all = Redaction.clean(all)
        let time = RFC3339.format(Date())
        let line =
            switch layout {
            case .json:
                LogLine.json(time: time, level: event.level, label: label, message: message, metadata: all)
            case .text: LogLine.text(time: time, level: event.level, message: message, metadata: all)
            }
        output.append(line)
    }
}
