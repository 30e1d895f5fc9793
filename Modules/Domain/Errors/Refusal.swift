/// An answer other than yes: a stable code, a public sentence, and what only the log may say.
package struct Refusal: Error, Sendable, CustomStringConvertible {
    package let code: ErrorCode
    /// For the caller: says what was wrong and what to do, and quotes nothing secret.
    package let detail: String
    /// The members at fault, where the request's content is (``ErrorCode/validationFailed``).
    package let faults: [FieldFault]
    /// For the log only.
    package let internalReason: String?
    /// The scope that would have sufficed (``ErrorCode/insufficientScope``; RFC 6750 §3.1).
    package let requiredScope: String?
    /// Whole seconds after which a retry makes sense.
    package let retryAfter: Int?

    package init(
        _ code: ErrorCode, _ detail: String, faults: [FieldFault] = [], internalReason: String? = nil, requiredScope: String? = nil,
        retryAfter: Int? = nil
    ) {
        self.code = code
        self.detail = detail
        self.faults = faults
        self.internalReason = internalReason
        self.requiredScope = requiredScope
        self.retryAfter = retryAfter
    }

    package var description: String { internalReason.map { "\(code.rawValue): \($0)" } ?? code.rawValue }
}

extension Refusal {
    /// The content can be read but not accepted.
    package static func invalid(_ faults: [FieldFault]) -> Refusal {
        Refusal(.validationFailed, faults.count == 1 ? faults[0].detail : "\(faults.count) members can't be accepted; see errors.", faults: faults)
    }

    /// The very answer of an unknown id, also for another tenant's.
    package static var notFound: Refusal { Refusal(.notFound, "There is nothing here under this address, or it is not yours to see.") }

    /// Tessera can't be sure just now; `reason` goes to the log.
    package static func unavailable(_ reason: String) -> Refusal {
        Refusal(.serviceUnavailable, "The service can't answer just now. Try again in a moment.", internalReason: reason, retryAfter: 1)
    }

    /// Another request was sent under this Idempotency-Key.
    package static var idempotencyKeyReused: Refusal {
        Refusal(.idempotencyKeyReused, "This Idempotency-Key was sent with another body: a new request takes a new key.")
    }

    /// The same request is being answered at this moment.
    package static var idempotencyInProgress: Refusal {
        Refusal(.idempotencyInProgress, "A request with this Idempotency-Key is being answered: send it again in a moment.", retryAfter: 1)
    }

    /// The role, or the ceiling of the credential, doesn't reach that far.
    package static func forbidden(_ detail: String) -> Refusal { Refusal(.forbidden, detail) }
}
