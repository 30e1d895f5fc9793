import Monitoring
import Testing

/// W3C Trace Context, level 1, §3.2: what isn't exactly right begins a new trace.
struct TraceContextTests {
    static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    static let parent = "00f067aa0ba902b7"

    @Test(arguments: ["00-\(trace)-\(parent)-01", "00-\(trace)-\(parent)-00", "00-\(trace)-\(parent)-ff"])
    func aValidHeaderIsRead(header: String) throws {
        let context = try #require(TraceContext(traceparent: header))
        #expect(context.traceID == Self.trace)
        #expect(context.parentID == Self.parent)
    }

    /// §3.2.2: of a later version the part known today is read.
    @Test(arguments: ["01-\(trace)-\(parent)-01", "cc-\(trace)-\(parent)-01-what-the-future-holds", "fe-\(trace)-\(parent)-01-"])
    func aLaterVersionIsReadAsFarAsItIsKnown(header: String) throws {
        #expect(TraceContext(traceparent: header)?.traceID == Self.trace)
    }

    @Test(arguments: [
        "", "-", "---", "00", "00-\(trace)", "00-\(trace)-\(parent)", "00-\(trace)-\(parent)-", "00-\(trace)-\(parent)-1",
        "00-\(trace)-\(parent)-011",
        "00-\(trace)-\(parent)-01-", "00-\(trace)-\(parent)-01-x", "ff-\(trace)-\(parent)-01", "0-\(trace)-\(parent)-01", "000-\(trace)-\(parent)-01",
        "00-\(trace.uppercased())-\(parent)-01", "00-\(trace)-\(parent.uppercased())-01", "00-\(trace)-\(parent)-0A", "0A-\(trace)-\(parent)-01",
        "00-00000000000000000000000000000000-\(parent)-01", "00-\(trace)-0000000000000000-01", "00-\(trace)0-\(parent)-01",
        "00-\(trace.dropLast())-\(parent)-01", "00-\(trace.dropLast())g-\(parent)-01", "00-\(trace)-\(parent)x-01", " 00-\(trace)-\(parent)-01",
        "00-\(trace)-\(parent)-01 ", "00-\(trace)-\(parent)-01\n", "00-\(trace)-\(parent)-01, 00-\(trace)-\(parent)-01", "00_\(trace)_\(parent)_01",
        "00-\(trace.dropLast())٤-\(parent)-01", "00-\(trace.dropLast())e\u{301}-\(parent)-01", "01-\(trace)-\(parent)-01.x", "\u{0}",
        "00-\(trace)--\(parent)-01", String(repeating: "-", count: 10_000), String(repeating: "0", count: 10_000),
    ])
    func anythingElseIsNoContext(header: String) {
        #expect(TraceContext(traceparent: header) == nil)
    }
}
