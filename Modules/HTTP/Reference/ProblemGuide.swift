import Domain

/// What a kind of problem means and what to do about it, for the page that its `type` leads to.
struct ProblemGuide: Sendable {
    let cause: String
    let cure: String

    private init(_ cause: String, _ cure: String) {
        self.cause = cause
        self.cure = cure
    }

    init(_ code: ErrorCode) {
        self =
            switch code {
            case .malformedRequest: .init("The body is no JSON, or no form where one is taken.", "Send valid JSON in UTF-8.")
            case .invalidRequest:
                .init("The request contradicts itself: two Authorization headers, or a cookie and a token in the body.", "Send one of the two.")
            case .validationFailed:
                .init(
                    "Something of the request can't be accepted.", "`errors` says what and why, by JSON Pointer; query parameters stand behind `?`.")
            case .invalidCursor:
                .init("The cursor is of another list, or of other filters.", "Begin again without it, and follow `nextCursor` with the same filters.")
            case .authenticationRequired: .init("No credential was sent.", "Send `Authorization: Bearer …`.")
            case .invalidCredentials: .init("The e-mail address or the password is wrong.", "Try again, or ask for a new password.")
            case .invalidToken:
                .init(
                    "The credential is unknown, expired, revoked or switched off, or its owner is gone.",
                    "Renew the session, or use another API token; to who holds the real secret `WWW-Authenticate` tells which it is.")
            case .insufficientScope:
                .init("The API token's scopes don't reach that far.", "Use a token with the scope that `WWW-Authenticate` names.")
            case .forbidden: .init("The role of whoever asks doesn't allow it.", "Ask somebody whose role does, or for a higher one.")
            case .sessionRequired: .init("It is for people at a session, not for API tokens.", "Log in, and do it with the session.")
            case .reauthenticationRequired:
                .init("The password was given too long ago for this.", "`POST /api/v1/auth/reauthenticate`, then try again within 15 minutes.")
            case .tenantSuspended: .init("The tenant is suspended.", "Its owner should get in touch with the operator.")
            case .networkNotAllowed:
                .init("The token may not be used from this address.", "Use it from one of its networks, or let its owner widen them.")
            case .featureDisabled:
                .init(
                    "The feature is switched off, for everyone or for this tenant.",
                    "Wait until it is on again: nothing is lost, tokens work again then.")
            case .idempotencyKeyReused:
                .init("The Idempotency-Key was used for another request.", "Take a new key for each new request.")
            case .idempotencyInProgress:
                .init("The first request under this Idempotency-Key is still under way.", "Try again in a moment, with the same key.")
            case .notFound: .init("There is nothing of that name here, or it isn't yours to see.", "Look at the address and at the id.")
            case .methodNotAllowed: .init("The address doesn't take that method.", "Use one that `Allow` names.")
            case .preconditionFailed:
                .init("It has changed since it was read, or the count isn't the one that was expected.", "Read it again, and decide anew.")
            case .contentTooLarge: .init("The body is larger than 64 KiB.", "Send less at a time.")
            case .unsupportedMediaType: .init("The body's Content-Type isn't taken.", "Send `Content-Type: application/json`.")
            case .headersTooLarge: .init("The headers are too many or too long.", "Send fewer; cookies of other services are often the reason.")
            case .nameTaken: .init("The name is in use already.", "Choose another.")
            case .slugTaken: .init("The slug is in use already.", "Choose another.")
            case .emailTaken: .init("There is an account with that address.", "Log in, or use another address.")
            case .lastOwner: .init("It would leave nobody in charge.", "Make somebody else an owner, or an administrator, first.")
            case .alreadyMember: .init("They are a member already.", "Nothing needs doing; change their role if that is what you want.")
            case .alreadyInvited: .init("They are invited already.", "Resend the invitation, or withdraw it first.")
            case .prefixTaken: .init("The prefix is granted, or too much like one that is.", "Choose another.")
            case .tokenLimitReached: .init("The owner has as many live tokens as they may.", "Revoke some that aren't used.")
            case .rotationInProgress: .init("An earlier rotation's overlap isn't over.", "Wait for its end, or finish it now.")
            case .tokenRevoked: .init("The token is revoked, and that is for good.", "Create another.")
            case .refreshSuperseded:
                .init("Another request used the same refresh token a moment ago.", "Use what that one got; it is no sign of theft.")
            case .quotaExceeded: .init("More requests came than the limit allows.", "Wait as many seconds as `Retry-After` says.")
            case .internalError: .init("Something went wrong that shouldn't.", "Try again; if it stays, tell the operator the `requestId`.")
            case .serviceUnavailable:
                .init("The service can't tell at the moment, and doesn't guess.", "Try again after `Retry-After`; nothing was half done.")
            }
    }
}
