import Crypto
package import Domain
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

/// Answers a request that is sent again under its `Idempotency-Key` as it was answered the first time, for 24 hours
/// (draft-ietf-httpapi-idempotency-key-header).
///
/// The second request goes all the way of the first, down to the change's transaction, which fails because the key was used: so everything
/// that could refuse it now has been asked, and whoever may no longer make the change hears that, not what was answered then. Requests
/// that are refused leave nothing.
package struct Idempotency: Sendable {
    private let store: any IdempotencyStore
    private let key: SymmetricKey

    /// - Parameter key: 32 secret bytes, the same on every node: without it the stored fingerprint of a body can't be guessed at.
    package init(store: any IdempotencyStore, key: [UInt8]) {
        self.store = store
        self.key = SymmetricKey(data: key)
    }

    /// Lets `respond` answer a call of `endpoint`; its own answer, or the one that was given before.
    func respond(to call: Call, of endpoint: Endpoint, _ respond: @Sendable (Call) async throws -> Response) async throws -> Response {
        guard endpoint.isKeyed, let caller = call.context.scope.caller, let text = try IdempotencyKeyField.key(in: call.request.headers) else {
            return try await respond(call)
        }
        let body = try await call.bytes()
        let idempotent = IdempotentRequest(
            key: IdempotencyKey(
                tenant: endpoint.access.isPersonal ? .platform : try caller.principal().tenant.id, credential: caller.credentialID,
                route: "\(endpoint.method.rawValue) \(call.request.uri.path)", text: text),
            fingerprint: fingerprint(of: body))
        call.context.scope.idempotentRequest = idempotent
        var request = call.request
        request.body = RequestBody(buffer: ByteBuffer(bytes: body))
        do {
            return try await respond(Call(request: request, context: call.context))
        } catch let refusal as Refusal where Self.mayBeARetry(refusal) {
            guard let claim = try await store.claim(under: idempotent.key) else {
                throw refusal.code == .idempotencyKeyReused ? .idempotencyInProgress : refusal
            }
            guard Self.areEqual(claim.request.fingerprint, idempotent.fingerprint) else { throw Refusal.idempotencyKeyReused }
            return Answer(claim.answer).response
        }
    }

    /// The key was used, or what the first request has changed is in the way of a second. All of these come behind the permissions.
    private static func mayBeARetry(_ refusal: Refusal) -> Bool {
        refusal.code == .idempotencyKeyReused || ProblemKind(refusal.code).status == .conflict && refusal.code != .idempotencyInProgress
    }

    /// Of the value that JSON stands for, in whatever order and with whatever blanks its members come; of the bytes where it is no JSON.
    private func fingerprint(of body: [UInt8]) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let value = try? JSONDecoder().decode(JSONValue.self, from: Data(body))
        let canonical = value.flatMap { try? encoder.encode($0) } ?? Data(body)
        return Array(HMAC<SHA256>.authenticationCode(for: canonical, using: key))
    }

    private static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension Caller {
    /// What proved the caller: keys of one credential are nothing to another.
    fileprivate var credentialID: UUID {
        switch self {
        case .principal(let principal):
            switch principal.credential {
            case .session(let session): session.id.uuid
            case .apiToken(let token): token.id.uuid
            }
        case .person(let person): person.session.id.uuid
        }
    }
}
