package import Domain
import Hummingbird

/// `page`, `limit` and `cursor` of a list, read together.
package struct PageQuery {
    package let request: PageRequest
    /// What the page's own cursors are bound to: path and filters.
    let binding: String
    private let path: String
    /// As ``QueryReader/filters`` has them.
    private let filters: String
    /// Whether the list has numbered pages beside its cursors.
    private let isNumbered: Bool

    /// Reads the three from `query`, without `page` where the list isn't `numbered`. Call it last, before ``QueryReader/finish()``. Throws
    /// ``ErrorCode/invalidCursor``.
    package init(
        _ query: inout QueryReader, path: String, cursors: CursorCodec, defaultLimit: Int = 25, numbered isNumbered: Bool = true
    ) throws(Refusal) {
        let limit = query.integer("limit", 1...100) ?? defaultLimit
        let page = isNumbered ? query.integer("page", 1...Int.max) : nil
        self.isNumbered = isNumbered
        let cursor = query.string("cursor")
        self.path = path
        filters = query.filters
        binding = path + "?" + filters
        if page != nil, cursor != nil { query.fault("cursor", "conflict", "Give page or cursor, not both.") }
        if let page, page.multipliedReportingOverflow(by: limit).overflow || page * limit > PageRequest.deepest {
            query.fault("page", "out_of_range", "page × limit may not pass \(PageRequest.deepest): follow nextCursor from there on.")
        }
        if let cursor {
            guard let keyset = cursors.decode(cursor, for: binding) else {
                throw Refusal(.invalidCursor, "This cursor is not one of this list with these filters: begin again without it.")
            }
            request = PageRequest(.after(keyset), limit: limit)
        } else {
            request = PageRequest(.number(page ?? 1), limit: limit)
        }
    }

    /// The `pagination` member of the answer.
    func pagination<Item>(_ page: Page<Item>, _ cursors: CursorCodec) -> PaginationBody {
        let number: Int? = if isNumbered, case .number(let number) = request.position { number } else { nil }
        return PaginationBody(
            page: number, limit: request.limit, total: page.total,
            totalPages: page.total.map { ($0 + request.limit - 1) / request.limit }, totalIsCapped: page.totalIsCapped,
            nextCursor: page.next.map { cursors.encode($0, for: binding) })
    }

    /// The `Link` header (RFC 8288): `first`, `prev`, `next` and `last` as far as they exist.
    func link(_ pagination: PaginationBody) -> String {
        var links: [String] = []
        func add(_ relation: String, _ parameter: String?) {
            let query = (filters.isEmpty ? [] : [filters]) + ["limit=\(request.limit)"] + [parameter].compactMap(\.self)
            links.append("<\(path)?\(query.joined(separator: "&"))>; rel=\"\(relation)\"")
        }
        add("first", isNumbered ? "page=1" : nil)
        if let page = pagination.page {
            if page > 1 { add("prev", "page=\(page - 1)") }
            if pagination.nextCursor != nil, (page + 1) * request.limit <= PageRequest.deepest {
                add("next", "page=\(page + 1)")
            } else if let cursor = pagination.nextCursor {
                add("next", "cursor=\(cursor)")
            }
            if let last = pagination.totalPages, last > 0, last * request.limit <= PageRequest.deepest { add("last", "page=\(last)") }
        } else if let cursor = pagination.nextCursor {
            add("next", "cursor=\(cursor)")
        }
        return links.joined(separator: ", ")
    }
}
