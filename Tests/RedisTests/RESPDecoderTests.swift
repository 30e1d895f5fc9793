import NIOCore
import Testing

@testable import Redis

/// Answers are read whole, in any pieces, and nothing that isn't RESP is taken for one.
@Suite struct RESPDecoderTests {
    private static let answers: [(String, RESPValue)] = [
        ("+OK\r\n", .status("OK")), ("-NOSCRIPT No matching script\r\n", .error("NOSCRIPT No matching script")), (":-42\r\n", .integer(-42)),
        ("$5\r\na\r\nbc\r\n", .bytes(Array("a\r\nbc".utf8))), ("$0\r\n\r\n", .bytes([])), ("$-1\r\n", .null), ("*-1\r\n", .null),
        ("*0\r\n", .array([])), ("*3\r\n:1\r\n*1\r\n+x\r\n$-1\r\n", .array([.integer(1), .array([.status("x")]), .null])),
    ]

    @Test func everyTypeIsRead() throws {
        for (text, value) in Self.answers {
            var buffer = ByteBuffer(string: text + "rest")
            #expect(try RESPDecoder.value(&buffer, depth: 0) == value)
            #expect(String(buffer: buffer) == "rest")
        }
    }

    @Test func partOfAnAnswerIsNone() throws {
        for (text, _) in Self.answers {
            for length in 0..<text.utf8.count {
                var buffer = ByteBuffer(string: String(decoding: text.utf8.prefix(length), as: UTF8.self))
                #expect(try RESPDecoder.value(&buffer, depth: 0) == nil, "\(text.debugDescription) at \(length)")
            }
        }
    }

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\n", ":x\r\n", ":99999999999999999999\r\n", "$-2\r\n", "$99999999\r\n", "*99999999\r\n", "$1\r\nabc\r\n",
        "+a\rb\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
    ]) func whatIsNoAnswerIsRefused(text: String) {
        var buffer = ByteBuffer(string: text)
        #expect(throws: RedisError.unintelligible) { try RESPDecoder.value(&buffer, depth: 0) }
    }

    @Test func argumentsAreNeverTakenForCommands() {
        #expect(String(buffer: RedisCommand(["GET", "a\r\n*1\r\n", "ä"]).bytes) == "*3\r\n$3\r\nGET\r\n$7\r\na\r\n*1\r\n\r\n$2\r\nä\r\n")
    }
}
