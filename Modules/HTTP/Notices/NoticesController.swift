package import Domain
import Hummingbird

/// What a person is told about the tokens that concern them.
package struct NoticesController: Sendable {
    private let notices: Notices
    private let cursors: CursorCodec

    package init(notices: Notices, cursors: CursorCodec) {
        self.notices = notices
        self.cursors = cursors
    }

    @Sendable func list(_ call: Call, _ principal: Principal) async throws -> Response {
        var query = QueryReader(call.request.uri.query)
        let onlyUnread = query.flag("unread")
        let paging = try PageQuery(&query, path: call.request.uri.path, cursors: cursors)
        try query.finish()
        let page = try await notices.list(onlyUnread: onlyUnread, paging.request, as: principal)
        return try .list(page, paging, cursors) { NoticesBody(notices: $0.map(NoticeBody.init), pagination: $1) }
    }

    @Sendable func markRead(_ call: Call, _ principal: Principal) async throws -> Response {
        let id = try call.id("id", of: Notice.self)
        try await call.requireEmptyBody()
        try await notices.markRead(id, as: principal)
        return .noContent
    }
}

/// One notice.
struct NoticeBody: Encodable, Sendable {
    let id: Notice.ID
    let kind: String
    let tokenId: TokenID
    let createdAt: String
    @ExplicitNull var readAt: String?
    let details: [String: String]

    init(_ notice: Notice) {
        id = notice.id
        kind = notice.kind
        tokenId = notice.token
        createdAt = RFC3339.format(notice.createdAt)
        readAt = notice.readAt.map(RFC3339.format)
        details = notice.details
    }
}

struct NoticesBody: Encodable, Sendable {
    let notices: [NoticeBody]
    let pagination: PaginationBody
}
