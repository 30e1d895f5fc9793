/// Text as lines of at most 76 ASCII characters (RFC 2045 §6.7).
struct QuotedPrintable {
    private var output: [UInt8] = []
    private var lineLength = 0

    /// Lines end with CRLF, the last one too, whichever way they ended in `text`.
    static func encode(_ text: String) -> [UInt8] {
        var encoder = QuotedPrintable()
        encoder.output.reserveCapacity(text.utf8.count * 5 / 4)
        var previous: UInt8 = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\n") where previous == UInt8(ascii: "\r"): break
            case UInt8(ascii: "\r"), UInt8(ascii: "\n"): encoder.endLine()
            default: encoder.append(byte)
            }
            previous = byte
        }
        if encoder.lineLength > 0 { encoder.endLine() }
        return encoder.output
    }

    private mutating func append(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "="): put(Self.escaped(byte))
        case 0x21...0x7E, UInt8(ascii: " "), UInt8(ascii: "\t"): put([byte])
        default: put(Self.escaped(byte))
        }
    }

    private mutating func put(_ token: [UInt8]) {
        // 73, so that a space at the line's end can still become three characters.
        if lineLength + token.count > 73 {
            output += Array("=\r\n".utf8)
            lineLength = 0
        }
        output += token
        lineLength += token.count
    }

    /// White space at the end of a line may get lost on the way, so the last of it is escaped.
    private mutating func endLine() {
        if lineLength > 0, let last = output.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") {
            output.removeLast()
            output += Self.escaped(last)
        }
        output += Array("\r\n".utf8)
        lineLength = 0
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
