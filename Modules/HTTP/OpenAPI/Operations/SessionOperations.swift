import Domain

extension OperationDescription {
    static let sessions: [OperationDescription] = [
        .init(
            "register", .sessions, "Register a person with a tenant of their own",
            "The address is asked to be confirmed by mail. Who is invited already comes in by the invitation instead.",
            body: .json(
                .request(
                    ["email": Schemas.email, "password": Schemas.newPassword, "name": Schemas.name, "tenantName": Schemas.name],
                    optional: ["tenantSlug": Schemas.slug, "transport": Schemas.transport]),
                example: #"{"email":"ada@example.com","password":"violet otter lantern","name":"Ada","tenantName":"Ada & Sons"}"#),
            answering: .created("A session of the new person.", .named("Session"), headers: [.setCookie]),
            refusals: [.emailTaken, .slugTaken, .forbidden]),
        .init(
            "login", .sessions, "Log in",
            "Without `tenant`, into the one that was last used. Many wrong guesses slow an account down for strangers; a device that was let in "
                + "before, by its device token, is not.",
            body: .json(
                .request(
                    ["email": Schemas.email, "password": Schemas.password],
                    optional: ["tenant": .text(1...100), "deviceToken": .text(1...1024), "transport": Schemas.transport]),
                example: #"{"email":"ada@example.com","password":"violet otter lantern"}"#),
            answering: .ok("A session.", .named("Session"), headers: [.setCookie]), refusals: [.invalidCredentials, .tenantSuspended, .forbidden]),
        .init(
            "refreshSession", .sessions, "Renew a session, or switch its tenant",
            "A refresh token is good once. Two requests at the same moment: one gets 409 and takes what the other got. One that was used "
                + "before that ends the session.",
            body: .json(
                .request(optional: ["refreshToken": Schemas.secret, "tenant": .text(1...100), "transport": Schemas.transport]),
                example: #"{"refreshToken":"tsf_…"}"#),
            answering: .ok("The session with new tokens.", .named("Session"), headers: [.setCookie]),
            refusals: [.invalidToken, .refreshSuperseded, .tenantSuspended, .forbidden]),
        .init(
            "logout", .sessions, "End this session", "By the access token, or by the cookie alone.",
            answering: .noContent("It has ended.", headers: [.setCookie]),
            refusals: [.authenticationRequired, .forbidden, .malformedRequest, .validationFailed, .unsupportedMediaType]),
        .init(
            "reauthenticate", .sessions, "Give the password again", "For what asks for a fresh session.",
            body: .json(
                .request(["password": Schemas.password], optional: ["transport": Schemas.transport]),
                example: #"{"password":"violet otter lantern"}"#),
            answering: .ok("The session, fresh.", .named("Session"), headers: [.setCookie]),
            refusals: [.invalidCredentials, .tenantSuspended, .forbidden]),
        .init("listSessions", .sessions, "List one's sessions", list: .pages, answering: .ok("A page of them.", .named("Sessions"))),
        .init("endOtherSessions", .sessions, "End all sessions but this one", answering: .noContent("They have ended.")),
        .init("endSession", .sessions, "End a session", answering: .noContent("It has ended.")),
        .init(
            "forgotPassword", .sessions, "Ask for a way back in", "Answers the same whether there is an account or not.",
            body: .json(.request(["email": Schemas.email]), example: #"{"email":"ada@example.com"}"#),
            answering: .accepted("If there is an account, a mail is on its way.")),
        .init(
            "resetPassword", .sessions, "Set a new password by a mailed secret", "All sessions end.",
            body: .json(
                .request(["secret": Schemas.secret, "password": Schemas.newPassword], optional: ["revokeTokens": .bool]),
                example: #"{"secret":"tsm_…","password":"copper meadow window"}"#),
            answering: .noContent("It is set."), refusals: [.invalidToken]),
        .init(
            "confirmEmail", .sessions, "Confirm an e-mail address by a mailed secret",
            body: .json(.request(["secret": Schemas.secret]), example: #"{"secret":"tsm_…"}"#), answering: .noContent("It is confirmed."),
            refusals: [.invalidToken, .emailTaken]),
    ]
}
