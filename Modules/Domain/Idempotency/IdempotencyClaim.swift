/// A change's claim to be the only one under a key. It is stored in the change's own transaction with all that a retry is answered, so
/// that there is never a change without it, nor it without a change.
package struct IdempotencyClaim: Sendable {
    package let request: IdempotentRequest
    package let answer: KeptAnswer

    package init(request: IdempotentRequest, answer: KeptAnswer) {
        self.request = request
        self.answer = answer
    }
}

/// An answer as it is kept for a retry. It holds no secret: none was there yet when it was made.
package struct KeptAnswer: Hashable, Sendable {
    /// The HTTP status, 200–299.
    package let status: Int
    package let location: String?
    package let entityTag: String?
    /// JSON.
    package let body: String

    package init(status: Int, location: String?, entityTag: String?, body: String) {
        self.status = status
        self.location = location
        self.entityTag = entityTag
        self.body = body
    }
}

/// How a change will be told to whoever asks for it again: made of its outcome, without any secret, before the change is stored.
package struct Retry<Outcome>: Sendable {
    private let claiming: (@Sendable (Outcome) throws -> IdempotencyClaim)?

    /// Of a request that was sent under a key.
    package init(of request: IdempotentRequest, _ answer: @escaping @Sendable (Outcome) throws -> KeptAnswer) {
        claiming = { IdempotencyClaim(request: request, answer: try answer($0)) }
    }

    private init() { claiming = nil }

    /// Of a request without a key: sent again it is another one.
    package static var notKept: Retry { Retry() }

    /// nil: nothing is kept.
    package func claim(_ outcome: Outcome) throws -> IdempotencyClaim? { try claiming?(outcome) }
}

/// What is kept for retries.
///
/// Stores of changes throw ``ErrorCode/idempotencyKeyReused`` where the claim that comes with an ``AuditEntry`` was made before, and
/// ``ErrorCode/idempotencyInProgress`` where it is just being made; nothing of the change has happened then.
package protocol IdempotencyStore: Sendable {
    /// The claim that was made under `key` in the last 24 hours.
    func claim(under key: IdempotencyKey) async throws -> IdempotencyClaim?
}
