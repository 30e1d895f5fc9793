package import Domain
import Hummingbird

/// Who I am, my tenant, and who else is in it.
package struct PeopleController: Sendable {
    private let people: People
    private let cursors: CursorCodec

    package init(people: People, cursors: CursorCodec) {
        self.people = people
        self.cursors = cursors
    }

    @Sendable func me(_ call: Call, _ caller: Caller) async throws -> Response {
        try QueryReader(call.request.uri.query).finish()
        return try .json(MeBody(caller))
    }

    @Sendable func tenant(_ call: Call, _ principal: Principal) async throws -> Response {
        try QueryReader(call.request.uri.query).finish()
        return try .json(TenantBody(try await people.tenant(as: principal)))
    }

    @Sendable func members(_ call: Call, _ principal: Principal) async throws -> Response {
        var query = QueryReader(call.request.uri.query)
        let filter = MemberFilter(
            search: query.string("q", atMost: 100),
            role: query.value("role", expected: "viewer, member, admin or owner", Role.init(rawValue:)))
        let paging = try PageQuery(&query, path: call.request.uri.path, cursors: cursors)
        try query.finish()
        let page = try await people.members(filter, paging.request, as: principal)
        return try .list(page, paging, cursors) { MembersBody(members: $0.map(MemberBody.init), pagination: $1) }
    }
}
