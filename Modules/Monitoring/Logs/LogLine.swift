import Logging

/// One event as one line.
enum LogLine {
    static func json(time: String, level: Logger.Level, label: String, message: String, metadata: Logger.Metadata) -> String {
        var line = "{\"time\":\"\(time)\",\"level\":\"\(level.rawValue)\",\"logger\":\(quoted(label)),\"message\":\(quoted(message))"
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where !key.hasPrefix("hb.") {
            line += ",\(quoted(own.contains(key) ? "metadata." + key : key)):\(json(value))"
        }
        return line + "}"
    }

    /// The members every line has: an object must not have one twice.
    private static let own: Set<String> = ["time", "level", "logger", "message"]

    static func text(time: String, level: Logger.Level, message: String, metadata: Logger.Metadata)
        -> String
    {
        let details = metadata.sorted { $0.key < $1.key }.filter { !$0.key.hasPrefix("hb.") }.map {
            "\($0.key)=\($0.value)"
        }
        return plain(([time, level.rawValue.uppercased(), message] + details).joined(separator: " "))
    }

    /// Without control characters: a caller's text can neither forge a line nor command the terminal.
    private static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    private static func json(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): quoted(text)
        case .stringConvertible(let value as any Numeric): "\(value)"
        case .stringConvertible(let value): quoted(value.description)
        case .array(let values): "[" + values.map(json).joined(separator: ",") + "]"
        case .dictionary(let values):
            "{" + values.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(json($0.value))" }.joined(separator: ",") + "}"
        }
    }

    /// A JSON string (RFC 8259 §7).
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
