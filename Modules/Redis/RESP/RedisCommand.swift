import NIOCore

/// A command as an array of bulk strings: no argument can be taken for another.
struct RedisCommand {
    let bytes: ByteBuffer

    init(_ words: [String]) {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(words.reduce(16) { $0 + $1.utf8.count + 16 })
        bytes.writeString("*\(words.count)\r\n")
        for word in words { bytes.writeString("$\(word.utf8.count)\r\n\(word)\r\n") }
        self.bytes = bytes
    }
}
