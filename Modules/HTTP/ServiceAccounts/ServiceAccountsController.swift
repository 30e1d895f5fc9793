package import Domain
import HTTPTypes
import Hummingbird

/// Owners of tokens that are nobody.
package struct ServiceAccountsController: Sendable {
    private let accounts: ServiceAccounts
    private let cursors: CursorCodec

    package init(accounts: ServiceAccounts, cursors: CursorCodec) {
        self.accounts = accounts
        self.cursors = cursors
    }

    @Sendable func create(_ call: Call, _ principal: Principal) async throws -> Response {
        var body = try await call.body()
        let name = body.requiredString("name", ServiceAccount.nameBounds)
        let role = body.role("role")
        try body.finish()
        guard let name, let role else { throw Refusal.invalid(body.faults) }
        let account = try await accounts.create(name, role, as: principal, from: call.origin, onRetry: call.onRetry(Self.created))
        return try Self.created(account).response
    }

    @Sendable private static func created(_ account: ServiceAccount) throws -> Answer {
        try .json(ServiceAccountBody(account), status: .created, headers: [.location: "/api/v1/service-accounts/\(account.reference.id)"])
    }

    @Sendable func list(_ call: Call, _ principal: Principal) async throws -> Response {
        var query = QueryReader(call.request.uri.query)
        let search = query.string("q", atMost: 100)
        let paging = try PageQuery(&query, path: call.request.uri.path, cursors: cursors)
        try query.finish()
        let page = try await accounts.accounts(search: search, paging.request, as: principal)
        return try .list(page, paging, cursors) { ServiceAccountsBody(serviceAccounts: $0.map(ServiceAccountBody.init), pagination: $1) }
    }

    @Sendable func show(_ call: Call, _ principal: Principal) async throws -> Response {
        try QueryReader(call.request.uri.query).finish()
        return try .json(ServiceAccountBody(try await accounts.account(try call.id("id"), as: principal)))
    }

    @Sendable func update(_ call: Call, _ principal: Principal) async throws -> Response {
        let id = try call.id("id", of: ServiceAccount.self)
        let change = try ServiceAccountChangeRequest(try await call.body()).change
        return try .json(ServiceAccountBody(try await accounts.update(id, change, as: principal, from: call.origin, if: try call.precondition())))
    }

    @Sendable func delete(_ call: Call, _ principal: Principal) async throws -> Response {
        try await accounts.delete(try call.id("id"), as: principal, from: call.origin)
        return .noContent
    }
}
