import Domain
import Foundation
import Logging
import Monitoring
import Testing

/// One JSON object a line, whatever is in it.
struct JSONLogTests {
    @Test func aLineSaysWhenHowBadWhoAndWhat() throws {
        let object = try #require(CapturedLog().objects { $0.warning("disk is nearly full", metadata: ["percent": "97"]) }.first)
        #expect(object["level"] as? String == "warning")
        #expect(object["logger"] as? String == "test")
        #expect(object["message"] as? String == "disk is nearly full")
        #expect(object["percent"] as? String == "97")
        let text = try #require(object["time"] as? String)
        let time = try #require(RFC3339.dateTime(text))
        #expect(abs(time.timeIntervalSinceNow) < 60)
    }

    @Test func noMemberStandsTwice() throws {
        let captured = CapturedLog()
        let object = try #require(captured.objects { $0.info("said", metadata: ["message": "other", "level": "high"]) }.first)
        #expect(object["message"] as? String == "said")
        #expect(object["level"] as? String == "info")
        #expect(object["metadata.message"] as? String == "other")
        #expect(object["metadata.level"] as? String == "high")
    }

    @Test func metadataKeepItsShape() throws {
        let object = try #require(
            CapturedLog().objects { $0.info("x", metadata: ["list": ["a", "b"], "fields": ["b": "2", "a": ["deep": "1"]]]) }.first)
        #expect(object["list"] as? [String] == ["a", "b"])
        let fields = try #require(object["fields"] as? [String: Any])
        #expect(fields["b"] as? String == "2")
        #expect((fields["a"] as? [String: String]) == ["deep": "1"])
    }

    @Test func theMetadataOfTheCallWinOverTheLoggers() throws {
        let objects = try CapturedLog().objects { logger in
            var logger = logger
            logger[metadataKey: "requestId"] = "outer"
            logger[metadataKey: "node"] = "n1"
            logger.info("x", metadata: ["requestId": "inner"])
        }
        let object = try #require(objects.first)
        #expect(object["requestId"] as? String == "inner")
        #expect(object["node"] as? String == "n1")
    }

    @Test(arguments: ["\u{0}", "\u{1B}[31m", "\n{\"level\":\"info\"}", "\r\n", "\t", "\"", "\\", "\u{2028}", "🧾", "e\u{301}", "\"\u{301}", "\u{7F}"])
    func anyTextComesBackAsItWas(text: String) throws {
        let lines = CapturedLog().lines { $0.info("\(text)", metadata: ["\(text)": "\(text)"]) }
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["message"] as? String == text)
        #expect(object[text] as? String == text)
    }

    @Test func belowItsLevelALoggerIsSilent() {
        let lines = CapturedLog().lines(level: .warning) { logger in
            logger.info("quiet")
            logger.error("loud")
        }
        #expect(lines.count == 1)
    }

    @Test func anErrorThatIsPassedAlongIsInTheLine() throws {
        let object = try #require(
            CapturedLog().objects { $0.error("upkeep failed", error: Away()) }.first)
        #expect(object["error"] as? String == "Away()")
    }
}
