package import Domain
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// The life of API tokens.
package struct TokensController: Sendable {
    private let tokens: Tokens
    private let cursors: CursorCodec
    private let now: Now

    package init(tokens: Tokens, cursors: CursorCodec, now: @escaping Now) {
        self.tokens = tokens
        self.cursors = cursors
        self.now = now
    }

    @Sendable func create(_ call: Call, _ principal: Principal) async throws -> Response {
        let draft = try TokenCreationRequest(try await call.body()).draft
        let (token, plain) = try await tokens.create(draft, as: principal, from: call.origin, onRetry: call.onRetry { try answer($0, nil) })
        return try answer(token, plain).response
    }

    private func answer(_ token: APIToken, _ plain: PlainToken?) throws -> Answer {
        try .json(
            CreatedTokenBody(token: TokenBody(token, at: now()), secret: plain?.reveal()), status: .created,
            headers: [.location: "/api/v1/tokens/\(token.id)"])
    }

    @Sendable func list(_ call: Call, _ principal: Principal) async throws -> Response {
        var query = QueryReader(call.request.uri.query)
        var filter = TokenFilter(
            owner: query.value("serviceAccountId", expected: "the id of a service account") { ServiceAccountID($0) }.map { .serviceAccount($0) },
            status: query.value("status", expected: "active, inactive, expired or revoked", APIToken.Status.init(rawValue:)),
            search: query.string("q", atMost: 100),
            order: query.value("sort", expected: "createdAt or -createdAt", TokenFilter.Order.init(rawValue:)) ?? .newestFirst)
        filter.makerLeft = query.flag("makerLeft")
        let all = query.flag("all")
        filter.risks = query.risks(ofAll: all)
        let countsRequests = query.value("include", expected: "usage24h") { $0 == "usage24h" ? true : nil } ?? false
        let paging = try PageQuery(&query, path: call.request.uri.path, cursors: cursors)
        try query.finish()
        let listing = try await tokens.tokens(filter, all: all, paging.request, countingRequests: countsRequests, as: principal)
        let time = now()
        return try .list(listing.page, paging, cursors) { tokens, pagination in
            TokensBody(
                tokens: tokens.map { token in
                    ListedTokenBody(
                        token: TokenBody(token, at: time), usage24h: listing.requests.map { ($0[token.id] ?? HourlyRequests()).counts })
                }, pagination: pagination)
        }
    }

    @Sendable func show(_ call: Call, _ principal: Principal) async throws -> Response {
        try QueryReader(call.request.uri.query).finish()
        return try .json(TokenBody(try await tokens.token(try call.id("id"), as: principal), at: now()))
    }

    @Sendable func update(_ call: Call, _ principal: Principal) async throws -> Response {
        let id = try call.id("id", of: APIToken.self)
        let change = try TokenChangeRequest(try await call.body()).change
        let token = try await tokens.update(id, change, as: principal, from: call.origin, if: try call.precondition())
        return try .json(TokenBody(token, at: now()))
    }

    @Sendable func revoke(_ call: Call, _ principal: Principal) async throws -> Response {
        let id = try call.id("id", of: APIToken.self)
        let reason = try RevocationRequest(try await call.optionalBody()).reason
        let token = try await tokens.revoke(id, reason: reason, as: principal, from: call.origin)
        return try .json(RevokedTokenBody(token: TokenBody(token, at: now())))
    }

    @Sendable func revokeMany(_ call: Call, _ principal: Principal) async throws -> Response {
        let request = try BulkRevocationRequest(try await call.body())
        return try .json(
            BulkRevocationBody(try await tokens.revoke(request.selection, expected: request.expected, as: principal, from: call.origin)))
    }

    @Sendable func delete(_ call: Call, _ principal: Principal) async throws -> Response {
        try await tokens.delete(try call.id("id"), as: principal, from: call.origin)
        return .noContent
    }
}

extension QueryReader {
    /// What makes a token worth a look; asked of everyone's tokens only.
    fileprivate mutating func risks(ofAll all: Bool) -> TokenRisks {
        var risks = TokenRisks()
        risks.neverExpires = flag("neverExpires")
        risks.idleDays = integer("idleDays", TokenRisks.idleBounds)
        risks.isExposed = flag("exposed")
        risks.isOverScoped = flag("overScoped")
        for name in ["neverExpires", "idleDays", "exposed", "overScoped"] where !all && string(name) != nil {
            fault(name, "conflict", "\(name) looks through everyone's tokens: it takes all=true.")
        }
        return risks
    }
}
