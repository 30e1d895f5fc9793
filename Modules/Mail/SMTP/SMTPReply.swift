/// What a server answers (RFC 5321 §4.2).
package struct SMTPReply: Hashable, Sendable {
    /// 200–599.
    package let code: Int
    /// What follows the code on each line, as it came.
    package let lines: [String]

    /// Without the text: a server may repeat what it was sent, and that may have been a password.
    var withoutText: SMTPReply { SMTPReply(code: code, lines: []) }
}

extension SMTPReply: CustomStringConvertible {
    /// Code and text in one line, for the log: printable ASCII, at most 200 characters of text.
    package var description: String {
        let text = lines.joined(separator: " ").unicodeScalars.prefix(200).map { (" "..."~").contains($0) ? Character($0) : "?" }
        return text.isEmpty ? String(code) : "\(code) \(String(text))"
    }
}

extension SMTPReply {
    /// One line of a reply: `250-SIZE 1000`, `250 OK`, `250`.
    struct Line {
        let code: Int
        let isLast: Bool
        let text: String

        /// nil if that's no line of a reply.
        init?(_ bytes: some Collection<UInt8>) {
            let digits = bytes.prefix(3)
            let rest = bytes.dropFirst(3)
            guard digits.count == 3, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let code = Int(String(decoding: digits, as: UTF8.self)), (200...599).contains(code)
            else { return nil }
            switch rest.first {
            case nil, UInt8(ascii: " "): isLast = true
            case UInt8(ascii: "-"): isLast = false
            default: return nil
            }
            self.code = code
            text = String(decoding: rest.dropFirst(), as: UTF8.self)
        }
    }
}
