import FoundationEssentials

/// Text in a header: as it is, or as encoded words (RFC 2047) where it isn't plain ASCII.
enum EncodedWord {
    /// - Parameter quoted: ASCII that isn't an atom goes between quotation marks, as names do.
    static func encode(_ text: String, quoted: Bool = false) -> String {
        let clean = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
        guard clean.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), clean.utf8.count <= 60, !clean.hasPrefix("=?") else { return words(clean) }
        guard quoted, !clean.utf8.allSatisfy(isAtom) else { return clean }
        return "\"" + clean.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// At most 75 characters each (§2), cut between scalars, one a line.
    private static func words(_ text: String) -> String {
        var chunks: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if chunks[chunks.count - 1].count + bytes.count > 42 { chunks.append([]) }
            chunks[chunks.count - 1] += bytes
        }
        return chunks.map { "=?utf-8?B?\(Data($0).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    private static func isAtom(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
