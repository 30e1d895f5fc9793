import NIOCore
import Testing

@testable import HTTP

/// Which format an export has, and what is done to its cells.
@Suite struct ExportFormatTests {
    @Test(arguments: [
        (nil, ExportFormat.ndjson), ("", .ndjson), ("*/*", .ndjson), ("text/csv", .csv), ("TEXT/CSV", .csv), ("text/*", .csv),
        ("text/csv; header=present", .csv), ("application/x-ndjson", .ndjson), ("application/ndjson", .ndjson),
        ("text/csv;q=0.5, application/x-ndjson;q=0.9", .ndjson), ("application/*;q=0.4, text/csv ; q=0.5", .csv),
        ("text/csv;q=0, */*", .ndjson), ("*/*, application/x-ndjson;q=0.1", .csv), ("text/html,*/*;q=0.8", .ndjson), ("image/png", .ndjson),
    ])
    func theFormatIsTheOneLikedBest(_ accept: String?, _ expected: ExportFormat) {
        #expect(ExportFormat(accept: accept) == expected)
    }

    @Test func cellsAreQuotedWhereTheyMustBeAndFormulasAlways() {
        for (cell, written) in [
            ("", ""), ("plain text", "plain text"), ("a=b+c", "a=b+c"), ("a,b", "\"a,b\""), ("a;b", "\"a;b\""), ("a\"b", "\"a\"\"b\""),
            ("a\nb", "\"a\nb\""),
            ("=1", "\"'=1\""), ("+1", "\"'+1\""), ("-1", "\"'-1\""), ("@a", "\"'@a\""), ("\ta", "\"'\ta\""), ("\ra", "\"'\ra\""),
            ("\r\n=a", "\"'\r\n=a\""),
            ("＝1", "\"'＝1\""), ("＋1", "\"'＋1\""), ("－1", "\"'－1\""), ("＠1", "\"'＠1\""), ("=\"a\"", "\"'=\"\"a\"\"\""),
            ("=\u{301}1", "\"'=\u{301}1\""),
        ] { #expect(CSV.escaped(cell) == written) }
        var buffer = ByteBuffer()
        CSV.append(["a", nil, "", "b,c"], to: &buffer)
        #expect(String(buffer: buffer) == "a,,,\"b,c\"\r\n")
    }
}
