/// Where a page stands in its list.
package struct PaginationBody: Encodable, Sendable {
    @ExplicitNull var page: Int?
    let limit: Int
    @ExplicitNull var total: Int?
    @ExplicitNull var totalPages: Int?
    let totalIsCapped: Bool
    @ExplicitNull var nextCursor: String?
}
