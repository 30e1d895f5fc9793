import Domain
import FoundationEssentials
import HTTPTypes
import Testing

@testable import HTTP

/// Bodies, queries and cursors are read strictly.
@Suite struct ReadingTests {
    @Test func everyFaultOfABodyIsRemembered() {
        var body = BodyReader(["a": .integer(1), "b": .string("  "), "x/y": .null, "c": .string("\u{0}")])
        #expect(body.string("a", 1...5) == nil)
        #expect(body.string("b", 1...5) == nil)
        #expect(body.requiredString("d", 1...5) == nil)
        #expect(body.requiredString("c", 1...5) == nil)
        do {
            try body.finish()
            Issue.record("nothing was at fault")
        } catch {
            #expect(
                error.faults.map { "\($0.pointer) \($0.code)" } == [
                    "/a wrong_type", "/b too_short", "/d required", "/c invalid", "/x~1y unknown_field",
                ])
        }
    }

    @Test func lengthsAreScalarsAfterTrimming() {
        var body = BodyReader(["a": .string("\u{2003} e\u{301}e\u{301} \n")])
        #expect(body.string("a", 1...4) == "e\u{301}e\u{301}")
        var exact = BodyReader(["a": .string(" x ")])
        #expect(exact.requiredExactString("a", 1...3) == " x ")
    }

    @Test func queriesAreDecodedOnce() throws {
        var query = QueryReader("q=a%2Bb+c%25&limit=5")
        #expect(query.string("q", atMost: 10) == "a+b c%")
        #expect(query.integer("limit", 1...10) == 5)
        try query.finish()
        for text in ["a=%", "a=%4", "a=%zz", "a=%ff", "a=%00"] { #expect(throws: Refusal.self) { try QueryReader(text).finish() } }
    }

    @Test func cursorsHoldForWhatTheyWereMadeFor() throws {
        let codec = CursorCodec(key: Array(repeating: 7, count: 32))
        let keyset = Keyset(time: Date(timeIntervalSince1970: 1_795_000_000.123456), id: UUID())
        let text = codec.encode(keyset, for: "/a?x=1")
        #expect(text.wholeMatch(of: /[0-9A-Za-z_-]{54}/) != nil)
        let decoded = try #require(codec.decode(text, for: "/a?x=1"))
        #expect(decoded.id == keyset.id)
        #expect(abs(decoded.time.timeIntervalSince(keyset.time)) < 0.000_001)
        #expect(codec.decode(text, for: "/a?x=2") == nil)
        #expect(codec.decode(text, for: "/b?x=1") == nil)
        #expect(CursorCodec(key: Array(repeating: 8, count: 32)).decode(text, for: "/a?x=1") == nil)
        for index in text.indices {
            var altered = text
            altered.replaceSubrange(index...index, with: text[index] == "A" ? "B" : "A")
            #expect(codec.decode(altered, for: "/a?x=1") == nil)
        }
    }

    @Test func everyErrorCodeHasAKindOfItsOwn() {
        let kinds = ErrorCode.allCases.map { ProblemKind($0) }
        #expect(Set(kinds.map(\.title)).count == ErrorCode.allCases.count)
        #expect(kinds.allSatisfy { $0.status.code >= 400 })
    }

    @Test func challengesNeverQuoteWhatWouldBreakTheHeader() {
        let refusal = Refusal(.invalidToken, "a \"quoted\" \\ line\r\nand ünicode")
        #expect(Challenge.header(for: refusal) == #"Bearer realm="tessera", error="invalid_token", error_description="a quoted  lineand nicode""#)
        #expect(Challenge.header(for: .notFound) == nil)
    }
}
