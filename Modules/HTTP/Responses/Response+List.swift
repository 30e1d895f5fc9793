package import Domain
import HTTPTypes
package import Hummingbird

extension Response {
    /// A page of a list with its `Link` header; `shape` puts the items under their name.
    package static func list<Item>(
        _ page: Page<Item>, _ paging: PageQuery, _ cursors: CursorCodec, _ shape: ([Item], PaginationBody) -> some Encodable
    ) throws -> Response {
        let pagination = paging.pagination(page, cursors)
        return try .json(shape(page.items, pagination), headers: [.link: paging.link(pagination)])
    }
}
