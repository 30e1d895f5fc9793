package import Domain
package import HTTPTypes

/// Status and title of an ``ErrorCode``: the one table that maps them.
package struct ProblemKind: Sendable {
    package let status: HTTPResponse.Status
    /// Never varies from one occurrence to the next (RFC 9457 §3.1.4).
    package let title: String

    package init(_ code: ErrorCode) {
        (status, title) =
            switch code {
            case .malformedRequest: (.badRequest, "Malformed request")
            case .invalidRequest: (.badRequest, "Invalid request")
            case .validationFailed: (.unprocessableContent, "Validation failed")
            case .invalidCursor: (.unprocessableContent, "Invalid cursor")
            case .idempotencyKeyReused: (.unprocessableContent, "Idempotency key reused")
            case .authenticationRequired: (.unauthorized, "Authentication required")
            case .invalidCredentials: (.unauthorized, "Invalid credentials")
            case .invalidToken: (.unauthorized, "Invalid token")
            case .insufficientScope: (.forbidden, "Insufficient scope")
            case .forbidden: (.forbidden, "Forbidden")
            case .sessionRequired: (.forbidden, "Session required")
            case .reauthenticationRequired: (.forbidden, "Reauthentication required")
            case .featureDisabled: (.forbidden, "Feature disabled")
            case .tenantSuspended: (.forbidden, "Tenant suspended")
            case .networkNotAllowed: (.forbidden, "Network not allowed")
            case .notFound: (.notFound, "Not found")
            case .methodNotAllowed: (.methodNotAllowed, "Method not allowed")
            case .preconditionFailed: (.preconditionFailed, "Precondition failed")
            case .contentTooLarge: (.contentTooLarge, "Content too large")
            case .unsupportedMediaType: (.unsupportedMediaType, "Unsupported media type")
            case .headersTooLarge: (.requestHeaderFieldsTooLarge, "Headers too large")
            case .nameTaken: (.conflict, "Name taken")
            case .slugTaken: (.conflict, "Slug taken")
            case .emailTaken: (.conflict, "E-mail taken")
            case .lastOwner: (.conflict, "Last owner")
            case .alreadyMember: (.conflict, "Already a member")
            case .alreadyInvited: (.conflict, "Already invited")
            case .prefixTaken: (.conflict, "Prefix taken")
            case .tokenLimitReached: (.conflict, "Token limit reached")
            case .rotationInProgress: (.conflict, "Rotation in progress")
            case .tokenRevoked: (.conflict, "Token revoked")
            case .idempotencyInProgress: (.conflict, "Idempotent request in progress")
            case .refreshSuperseded: (.conflict, "Refresh superseded")
            case .quotaExceeded: (.tooManyRequests, "Quota exceeded")
            case .internalError: (.internalServerError, "Internal error")
            case .serviceUnavailable: (.serviceUnavailable, "Service unavailable")
            }
    }

    /// The URI reference that identifies the kind, e.g. `/problems/insufficient-scope`.
    func type(of code: ErrorCode) -> String { "/problems/" + code.rawValue.replacing("_", with: "-") }
}
