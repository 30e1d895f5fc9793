import Logging

/// Takes out of a text what looks like a secret: the second wall, behind the care of whoever logs.
///
/// It works on what is logged, not on the finished line: there it could cut an escape sequence in two.
enum Redaction {
    static func clean(_ text: String) -> String {
        var text = ForeignSecrets.known.clean(text)
        if text.contains("ts") {
            text.replace(/ts[rsfdmi]_[0-9A-Za-z]{20,}[0-9A-Za-z_]*/, with: "[redacted]")
        }
        if text.contains("eyJ") {
            text.replace(/eyJ[0-9A-Za-z_-]+(\.[0-9A-Za-z_-]*){2,}/, with: "[redacted]")
        }
        if text.contains("earer ") {
            text.replace(/([Bb]earer +)[0-9A-Za-z._~+\/=-]{8,}/, with: "Bearer [redacted]")
        }
        if text.contains("://") { text.replace(/:\/\/[^:@\/\s]*:[^@\s]*@/, with: "://[redacted]@") }
        if text.contains("assword=") {
            text.replace(/([Pp]assword=)('[^']*'?|"[^"]*"?|[^\s&"']+)/, with: "password=[redacted]")
        }
        return text
    }

    static func clean(_ metadata: Logger.Metadata) -> Logger.Metadata { metadata.mapValues(clean) }

    private static func clean(_ value: Logger.MetadataValue) -> Logger.MetadataValue {
        switch value {
        case .string(let text): .string(clean(text))
        case .stringConvertible(let value): .string(clean(value.description))
        case .array(let values): .array(values.map(clean))
        case .dictionary(let values): .dictionary(clean(values))
        }
    }
}
