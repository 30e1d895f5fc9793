import Logging
import Monitoring
import Testing

/// For people: one line an event.
struct TextLogTests {
    @Test func aLineReadsAsOneSentenceWithItsDetails() throws {
        let line = try #require(CapturedLog(.text).lines { $0.info("listening", metadata: ["port": "8080", "host": "127.0.0.1"]) }.first)
        #expect(line.hasSuffix("INFO listening host=127.0.0.1 port=8080"))
    }

    @Test func aLineFeedInAValueDoesNotMakeALine() {
        let lines = CapturedLog(.text).lines { $0.info("first\nsecond", metadata: ["agent": "curl\n2026-11-21T12:00:00Z INFO forged"]) }
        #expect(lines.count == 1)
    }

    @Test(arguments: [
        "\r\n2026-11-21T12:00:00Z INFO forged", "\u{1B}[2Jcleared", "\u{9B}31m", "\u{0}", "\r",
    ])
    func controlCharactersDoNotReachTheTerminal(text: String) throws {
        let lines = CapturedLog(.text).lines { $0.info("\(text)", metadata: ["agent": "\(text)"]) }
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    }
}
