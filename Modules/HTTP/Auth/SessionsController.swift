package import Auth
import Domain
import Hummingbird

/// A person's sessions.
package struct SessionsController: Sendable {
    private let sessions: Sessions
    private let cursors: CursorCodec

    package init(sessions: Sessions, cursors: CursorCodec) {
        self.sessions = sessions
        self.cursors = cursors
    }

    @Sendable func list(_ call: Call, _ person: Person) async throws -> Response {
        var query = QueryReader(call.request.uri.query)
        let paging = try PageQuery(&query, path: call.request.uri.path, cursors: cursors)
        try query.finish()
        let page = try await sessions.list(paging.request, of: person)
        return try .list(page, paging, cursors) { sessions, pagination in
            SessionsBody(sessions: sessions.map { SessionSummaryBody($0, current: person.session.id) }, pagination: pagination)
        }
    }

    @Sendable func end(_ call: Call, _ person: Person) async throws -> Response {
        try await sessions.end(try call.id("id"), of: person, from: call.origin)
        return .noContent
    }

    @Sendable func endOthers(_ call: Call, _ person: Person) async throws -> Response {
        try await sessions.endOthers(of: person, from: call.origin)
        return .noContent
    }
}

/// One login of a person.
struct SessionSummaryBody: Encodable, Sendable {
    let id: SessionID
    let createdAt: String
    let lastUsedAt: String
    @ExplicitNull var ipAddress: String?
    @ExplicitNull var userAgent: String?
    /// Whether it is the one that asks.
    let current: Bool

    init(_ session: SessionSummary, current: SessionID?) {
        id = session.id
        createdAt = RFC3339.format(session.createdAt)
        lastUsedAt = RFC3339.format(session.lastUsedAt)
        ipAddress = session.device.ipAddress?.description
        userAgent = session.device.userAgent
        self.current = session.id == current
    }
}

struct SessionsBody: Encodable, Sendable {
    let sessions: [SessionSummaryBody]
    let pagination: PaginationBody
}
