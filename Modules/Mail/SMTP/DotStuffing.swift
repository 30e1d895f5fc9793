/// A message between DATA and its answer (RFC 5321 §4.5.2).
enum DotStuffing {
    /// A dot more before each line that begins with one, and the line with a single dot at the end.
    ///
    /// - Parameter message: lines that end with CRLF, the last one too.
    static func apply(_ message: [UInt8]) -> [UInt8] {
        var stuffed: [UInt8] = []
        stuffed.reserveCapacity(message.count + 64)
        var isLineStart = true
        for byte in message {
            if isLineStart, byte == UInt8(ascii: ".") { stuffed.append(byte) }
            stuffed.append(byte)
            isLineStart = byte == UInt8(ascii: "\n")
        }
        return stuffed + Array(".\r\n".utf8)
    }
}
