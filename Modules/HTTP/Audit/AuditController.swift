package import Domain
import Hummingbird

/// What happened in a tenant.
package struct AuditController: Sendable {
    private let log: AuditLog
    private let cursors: CursorCodec
    private let exporter: Exporter

    package init(log: AuditLog, cursors: CursorCodec, exporter: Exporter) {
        self.log = log
        self.cursors = cursors
        self.exporter = exporter
    }

    @Sendable func list(_ call: Call, _ principal: Principal) async throws -> Response {
        var query = QueryReader(call.request.uri.query)
        let filter = AuditFilter(&query)
        let paging = try PageQuery(&query, path: call.request.uri.path, cursors: cursors, numbered: false)
        try query.finish()
        let page = try await log.page(filter, paging.request, as: principal)
        return try .list(page, paging, cursors) { AuditEventsBody(events: $0.map(AuditEventBody.init), pagination: $1) }
    }

    @Sendable func export(_ call: Call, _ principal: Principal) async throws -> Response {
        var query = QueryReader(call.request.uri.query)
        let filter = AuditFilter(&query)
        try query.finish()
        return try await exporter.response(
            to: call, named: "audit", { [log] page in try await log.page(filter, page, as: principal) }, row: AuditEventBody.init)
    }
}

extension AuditFilter {
    /// Reads `actor`, `action`, `target`, `from` and `to`.
    package init(_ query: inout QueryReader) {
        self.init(
            actor: query.value("actor", expected: "an id, system or anonymous") { Actor($0) },
            action: query.value("action", expected: "an action like token.created") { text in
                text.utf8.count <= 100 && text.wholeMatch(of: /[a-z_]+\.[a-z_]+/) != nil ? text : nil
            },
            target: query.string("target", atMost: 100), from: query.from(), to: query.to())
    }
}
