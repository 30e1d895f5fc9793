import NIOCore

/// Cuts a stream of bytes into answers. An answer is bounded: neither a broken server nor somebody in its place makes us keep more.
struct RESPDecoder: ByteToMessageDecoder {
    typealias InboundOut = RESPValue

    static let longestAnswer = 1 << 16
    private static let deepestArray = 4

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        var ahead = buffer
        guard let value = try Self.value(&ahead, depth: 0) else {
            if buffer.readableBytes > Self.longestAnswer { throw RedisError.unintelligible }
            return .needMoreData
        }
        buffer = ahead
        context.fireChannelRead(wrapInboundOut(value))
        return .continue
    }

    /// What is left when the connection ends is half an answer: nobody's.
    mutating func decodeLast(context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool) throws -> DecodingState {
        while try decode(context: context, buffer: &buffer) == .continue {}
        buffer.clear()
        return .needMoreData
    }

    /// The answer that `buffer` begins with; nil: it isn't whole yet.
    static func value(_ buffer: inout ByteBuffer, depth: Int) throws(RedisError) -> RESPValue? {
        guard let type = buffer.readInteger(as: UInt8.self) else { return nil }
        guard let line = try line(&buffer) else { return nil }
        switch type {
        case UInt8(ascii: "+"): return .status(line)
        case UInt8(ascii: "-"): return .error(line)
        case UInt8(ascii: ":"):
            guard let integer = Int64(line) else { throw .unintelligible }
            return .integer(integer)
        case UInt8(ascii: "$"):
            guard let count = try count(line) else { return .null }
            guard buffer.readableBytes >= count + 2 else { return nil }
            let bytes = buffer.readBytes(length: count) ?? []
            guard buffer.readBytes(length: 2) == [13, 10] else { throw .unintelligible }
            return .bytes(bytes)
        case UInt8(ascii: "*"):
            guard let count = try count(line) else { return .null }
            guard depth < deepestArray else { throw .unintelligible }
            var items: [RESPValue] = []
            for _ in 0..<count {
                guard let item = try value(&buffer, depth: depth + 1) else { return nil }
                items.append(item)
            }
            return .array(items)
        default: throw .unintelligible
        }
    }

    /// A length; nil for -1, which stands for nothing.
    private static func count(_ line: String) throws(RedisError) -> Int? {
        guard let count = Int(line), (-1...longestAnswer).contains(count) else { throw .unintelligible }
        return count == -1 ? nil : count
    }

    private static func line(_ buffer: inout ByteBuffer) throws(RedisError) -> String? {
        let view = buffer.readableBytesView
        guard let end = view.firstIndex(of: 13), view.index(after: end) < view.endIndex else { return nil }
        guard view[view.index(after: end)] == 10, let line = buffer.readString(length: end - view.startIndex) else { throw .unintelligible }
        buffer.moveReaderIndex(forwardBy: 2)
        return line
    }
}
