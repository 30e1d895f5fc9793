import FoundationEssentials

/// Text in header fields: folded, and encoded where it isn't plain ASCII (RFC 5322 §2.2.3, RFC 2047).
enum HeaderText {
    /// Columns of a line with encoded words in it (RFC 2047 §2).
    private static let lineLength = 76
    /// The longest word that is left as it is.
    private static let wordLength = 60

    /// A field of free text. No control character leaves this function.
    static func unstructured(_ text: String, after field: String) -> String {
        let words = text.unicodeScalars.split { $0 == " " || $0.isControl }.map(String.init)
        guard words.allSatisfy({ isPlain($0) && $0.utf8.count <= wordLength }) else {
            return field + " " + encodedWords(words.joined(separator: " "))
        }
        var (lines, line) = ([String](), field)
        for word in words {
            if line.utf8.count + 1 + word.utf8.count > lineLength {
                lines.append(line)
                line = ""
            }
            line += " " + word
        }
        return (lines + [line]).joined(separator: "\r\n")
    }

    /// A field with one address.
    static func address(_ address: MailAddress, after field: String) -> String {
        guard let name = address.name else { return "\(field) <\(address.address)>" }
        let phrase = isPlain(name) && name.utf8.count <= wordLength ? quoted(name) : encodedWords(name)
        return "\(field) \(phrase)\r\n <\(address.address)>"
    }

    /// Printable ASCII that nobody takes for an encoded word.
    private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.contains("=?") }

    private static func quoted(_ text: String) -> String {
        "\"" + text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
    }

    /// A word a line. No word splits a character's bytes, as RFC 2047 §5 demands.
    private static func encodedWords(_ text: String) -> String {
        // 39 bytes make 64 columns, which leaves room for the field's name.
        let capacity = 39
        var (words, word) = ([[UInt8]](), [UInt8]())
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if word.count + bytes.count > capacity {
                words.append(word)
                word = []
            }
            word += bytes
        }
        return (words + [word]).map { "=?utf-8?B?\(Data($0).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }
}
