package import Domain
import FoundationEssentials
import Hummingbird

/// What happened to a token.
package struct TokenHistoryController: Sendable {
    private let history: TokenHistory
    private let cursors: CursorCodec

    package init(history: TokenHistory, cursors: CursorCodec) {
        self.history = history
        self.cursors = cursors
    }

    @Sendable func list(_ call: Call, _ principal: Principal) async throws -> Response {
        let id = try call.id("id", of: APIToken.self)
        var query = QueryReader(call.request.uri.query)
        let paging = try PageQuery(&query, path: call.request.uri.path, cursors: cursors)
        try query.finish()
        let page = try await history.page(of: id, paging.request, as: principal)
        return try .list(page, paging, cursors) { TokenEventsBody(events: $0.map(TokenEventBody.init), pagination: $1) }
    }
}

/// One thing that happened to a token.
struct TokenEventBody: Encodable, Sendable {
    let id: String
    let kind: String
    let occurredAt: String
    @ExplicitNull var actor: ActorBody?
    @ExplicitNull var ipAddress: String?
    let changes: [String: String?]

    struct ActorBody: Encodable, Sendable {
        let type: String
        @ExplicitNull var id: String?
    }

    init(_ event: TokenEvent) {
        id = event.id.lowercased
        kind = event.kind
        occurredAt = RFC3339.format(event.occurredAt)
        actor = event.actor.map { ActorBody(type: $0.kind, id: $0.id?.lowercased) }
        ipAddress = event.ipAddress?.description
        changes = event.changes
    }
}

struct TokenEventsBody: Encodable, Sendable {
    let events: [TokenEventBody]
    let pagination: PaginationBody
}
