package import Domain
import FoundationEssentials
import Hummingbird

/// What a token did.
package struct UsageController: Sendable {
    private let usage: UsageLog
    private let cursors: CursorCodec

    package init(usage: UsageLog, cursors: CursorCodec) {
        self.usage = usage
        self.cursors = cursors
    }

    @Sendable func list(_ call: Call, _ principal: Principal) async throws -> Response {
        let id = try call.id("id", of: APIToken.self)
        var query = QueryReader(call.request.uri.query)
        let filter = Self.filter(&query)
        let paging = try PageQuery(&query, path: call.request.uri.path, cursors: cursors, defaultLimit: 50)
        try query.finish()
        let page = try await usage.page(of: id, filter, paging.request, as: principal)
        return try .list(page, paging, cursors) { UsagePageBody(usage: $0.map(UsageBody.init), pagination: $1) }
    }

    private static func filter(_ query: inout QueryReader) -> UsageFilter {
        let expected = "a date (2026-11-21) or date-time (2026-11-21T12:00:00Z) of RFC 3339"
        return UsageFilter(
            from: query.value("from", expected: expected) { RFC3339.date($0) ?? RFC3339.dateTime($0) },
            to: query.value("to", expected: expected) { text in
                RFC3339.date(text).map { $0.addingTimeInterval(86_400) } ?? RFC3339.dateTime(text)
            },
            status: query.value("status", expected: "a status like 200 or a class like 4xx") { UsageFilter.StatusFilter($0) },
            method: query.value("method", expected: "an HTTP method like GET") { text in
                ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"].first { $0 == text.uppercased() }
            },
            endpoint: query.string("endpoint", atMost: 300))
    }
}
