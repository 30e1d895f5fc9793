package import Domain
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// Another secret for a token, and what a token does about itself.
package struct RotationsController: Sendable {
    private let tokens: Tokens
    private let now: Now

    package init(tokens: Tokens, now: @escaping Now) {
        self.tokens = tokens
        self.now = now
    }

    @Sendable func rotate(_ call: Call, _ principal: Principal) async throws -> Response {
        let id = try call.id("id", of: APIToken.self)
        let overlap = try RotationRequest(try await call.optionalBody()).overlapSeconds
        let (token, plain) = try await tokens.rotate(
            id, overlap: overlap, as: principal, from: call.origin, onRetry: call.onRetry { try answer($0, nil) })
        return try answer(token, plain).response
    }

    @Sendable func finish(_ call: Call, _ principal: Principal) async throws -> Response {
        let id = try call.id("id", of: APIToken.self)
        try await call.requireEmptyBody()
        return try .json(TokenBody(try await tokens.finishRotation(of: id, as: principal, from: call.origin), at: now()))
    }

    @Sendable func show(_ call: Call, _ principal: Principal) async throws -> Response {
        try QueryReader(call.request.uri.query).finish()
        return try .json(TokenBody(try await tokens.token(as: principal), at: now()))
    }

    @Sendable func rotateSelf(_ call: Call, _ principal: Principal) async throws -> Response {
        let overlap = try RotationRequest(try await call.optionalBody()).overlapSeconds
        let (token, plain) = try await tokens.rotateSelf(
            overlap: overlap, as: principal, from: call.origin, onRetry: call.onRetry { try answer($0, nil) })
        return try answer(token, plain).response
    }

    @Sendable func revokeSelf(_ call: Call, _ principal: Principal) async throws -> Response {
        try await tokens.revokeSelf(as: principal, from: call.origin)
        return .noContent
    }

    private func answer(_ token: APIToken, _ plain: PlainToken?) throws -> Answer {
        try .json(CreatedTokenBody(token: TokenBody(token, at: now()), secret: plain?.reveal()))
    }
}

/// `{overlapSeconds?}`, or no body at all.
struct RotationRequest {
    /// 0: the replaced secret is refused at once.
    let overlapSeconds: Int

    init(_ body: consuming BodyReader?) throws(Refusal) {
        var body = body
        overlapSeconds = body?.integer("overlapSeconds", TokenBounds.overlapSeconds) ?? 0
        try body?.finish()
    }
}
