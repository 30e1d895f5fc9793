import Domain
package import HTTP
import Hummingbird

/// All people.
package struct UsersController: Sendable {
    private let users: PlatformUsers
    private let cursors: CursorCodec

    package init(users: PlatformUsers, cursors: CursorCodec) {
        self.users = users
        self.cursors = cursors
    }

    @Sendable func list(_ call: Call, _ person: Person) async throws -> Response {
        var query = QueryReader(call.request.uri.query)
        let filter = PlatformUserFilter(
            search: query.string("q", atMost: 100),
            status: query.value("status", expected: "active or disabled", User.Status.init(rawValue:)),
            isPlatformAdmin: query.value("isPlatformAdmin", expected: "true or false") { Bool($0) })
        let paging = try PageQuery(&query, path: call.request.uri.path, cursors: cursors)
        try query.finish()
        let page = try await users.users(filter, paging.request, as: person)
        return try .list(page, paging, cursors) { PlatformUsersBody(users: $0.map(PlatformUserBody.init), pagination: $1) }
    }

    @Sendable func setStatus(_ call: Call, _ person: Person) async throws -> Response {
        let id = try call.id("id", of: User.self)
        var body = try await call.body()
        let status = body.choice("status", User.Status.self)
        try body.finish()
        guard let status else { throw Refusal.invalid(body.faults) }
        return try .json(PlatformUserBody(try await users.setStatus(of: id, to: status, as: person, from: call.origin)))
    }

    @Sendable func grantPlatformAdmin(_ call: Call, _ person: Person) async throws -> Response {
        let id = try call.id("id", of: User.self)
        try await call.requireEmptyBody()
        try await users.setPlatformAdmin(id, to: true, as: person, from: call.origin)
        return .noContent
    }

    @Sendable func revokePlatformAdmin(_ call: Call, _ person: Person) async throws -> Response {
        try await users.setPlatformAdmin(try call.id("id"), to: false, as: person, from: call.origin)
        return .noContent
    }
}

struct PlatformUserBody: Encodable, Sendable {
    let id: UserID
    let email: String
    let name: String
    let emailVerified: Bool
    let status: String
    let isPlatformAdmin: Bool
    let createdAt: String

    init(_ user: PlatformUser) {
        id = user.profile.id
        email = user.profile.email
        name = user.profile.name
        emailVerified = user.profile.emailVerified
        status = user.status.rawValue
        isPlatformAdmin = user.isPlatformAdmin
        createdAt = RFC3339.format(user.createdAt)
    }
}

struct PlatformUsersBody: Encodable, Sendable {
    let users: [PlatformUserBody]
    let pagination: PaginationBody
}
