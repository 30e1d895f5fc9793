package import Domain
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
        UsageFilter(
            from: query.from(), to: query.to(),
            status: query.value("status", expected: "a status like 200 or a class like 4xx") { UsageFilter.StatusFilter($0) },
            method: query.value("method", expected: "an HTTP method like GET") { text in
                ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"].first { $0 == text.uppercased() }
            },
            endpoint: query.string("endpoint", atMost: 300))
    }
}
