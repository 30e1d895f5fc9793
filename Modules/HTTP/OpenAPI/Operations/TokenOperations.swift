import Auth
import Domain

extension OperationDescription {
    static let tokens: [OperationDescription] = [
        .init(
            "createToken", .tokens, "Create an API token",
            "The secret is shown this once. What the scopes give can't pass what the owner's role gives, now or later. Without an end, or with "
                + "the scope `admin`, the session must be fresh. A token makes only what is no broader than itself.",
            body: .json(.named("NewToken"), example: #"{"name":"Deployment","scopes":["read","app:deploy"],"expiresInDays":90}"#),
            answering: .created("The token with its secret.", .named("CreatedToken"), headers: [.location]),
            refusals: [.nameTaken, .tokenLimitReached, .reauthenticationRequired, .notFound]),
        .init(
            "listTokens", .tokens, "List API tokens", "One's own; with `all` everyone's, which needs `tenant-tokens:read`.",
            query: [
                QueryParameter("status", .words(APIToken.Status.allCases.map(\.rawValue)), "Of that status alone."),
                QueryParameter("q", .plain(1...100), "Part of a name."),
                QueryParameter("sort", .words(["createdAt", "-createdAt"]), "The newest first, or last."),
                QueryParameter("include", .constant("usage24h"), "With the requests of the last 24 hours."),
                QueryParameter("serviceAccountId", .id, "Of that service account."), QueryParameter("all", .bool, "Of everyone in the tenant."),
                QueryParameter("makerLeft", .bool, "Whose maker is no member any more."),
                QueryParameter("neverExpires", .bool, "Without an end; with `all`."),
                QueryParameter("idleDays", .integer(TokenRisks.idleBounds), "Not used for so many days; with `all`."),
                QueryParameter("exposed", .bool, "Found where they don't belong; with `all`."),
                QueryParameter("overScoped", .bool, "With scopes that no use of the last 30 days needed; with `all`."),
            ], list: .pages, answering: .ok("A page of them.", .named("Tokens")), refusals: [.notFound]),
        .init(
            "revokeTokens", .tokens, "Revoke many tokens at once", "First dry, then with the count that the dry run gave.",
            body: .json(.named("BulkRevocationRequest"), example: #"{"filter":{"idleDays":90}}"#),
            answering: .ok("How many there are, and how many were revoked.", .named("BulkRevocation")), refusals: [.preconditionFailed]),
        .init(
            "importTokens", .tokens, "Take tokens of another system over", "By their SHA-256, under the prefix that the platform granted the tenant.",
            body: .json(
                .named("TokenImport"),
                example:
                    ##"{"tokens":[{"name":"CI","sha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","expiresInDays":90}]}"##),
            answering: .created("All of them.", .named("ImportedTokens")),
            refusals: [.nameTaken, .tokenLimitReached, .reauthenticationRequired, .prefixTaken]),
        .init("getOwnToken", .tokens, "The API token that asks", answering: .ok("It.", .named("Token")), refusals: [.validationFailed]),
        .init("revokeOwnToken", .tokens, "End the API token that asks", "For good.", answering: .noContent("It is dead.")),
        .init(
            "rotateOwnToken", .tokens, "Another secret for the API token that asks", "Needs the scope `self:rotate`. Its end stays.",
            body: .json(rotation, example: #"{"overlapSeconds":3600}"#, isRequired: false),
            answering: .ok("The token with its new secret.", .named("CreatedToken")), refusals: [.rotationInProgress]),
        .init(
            "rotateToken", .tokens, "Another secret for a token", "The old one stays good for `overlapSeconds`, but manages nothing meanwhile.",
            body: .json(rotation, example: #"{"overlapSeconds":3600}"#, isRequired: false),
            answering: .ok("The token with its new secret.", .named("CreatedToken")),
            refusals: [.rotationInProgress, .tokenRevoked, .reauthenticationRequired]),
        .init(
            "finishTokenRotation", .tokens, "End an overlap now", answering: .ok("The token.", .named("Token")),
            refusals: [.tokenRevoked, .malformedRequest, .validationFailed, .unsupportedMediaType]),
        .init("getToken", .tokens, "A token", answering: .ok("It, without its secret.", .named("Token")), refusals: [.validationFailed]),
        .init(
            "updateToken", .tokens, "Rename, narrow, switch off, widen", "Narrowing is for whoever may manage it; widening is the owner's alone.",
            body: .json(.named("TokenChange"), example: #"{"isActive":false}"#), answering: .ok("The token.", .named("Token")),
            refusals: [.nameTaken, .tokenRevoked, .reauthenticationRequired]),
        .init(
            "deleteToken", .tokens, "Revoke a token and take it off the list", "Its usage and its history stay readable.",
            answering: .noContent("It is gone.")),
        .init(
            "revokeToken", .tokens, "Revoke a token", "For good. Calling again answers the same.",
            body: .json(
                .request(optional: ["reason": .text(TokenBounds.description)]), example: #"{"reason":"The laptop was stolen."}"#, isRequired: false),
            answering: .ok("The token.", .named("RevokedToken"))),
        .init(
            "listTokenEvents", .tokens, "What happened to a token", list: .pages, answering: .ok("A page, the newest first.", .named("TokenEvents"))),
        .init(
            "reportLeakedTokens", .tokens, "Report tokens that were found in public",
            "Answers the same whatever they are worth. Live ones end, or are marked, as their tenant's policy says; their owners are told.",
            body: .json(
                .request(["tokens": .array(of: .string(), 1...LeakReports.most)]), example: #"{"tokens":["tsr_…"]}"#),
            answering: .accepted("They will be looked at.")),
        .init(
            "listTokenUsage", .usage, "What a token was used for", "Newest first. A request is visible within a second.",
            query: [
                QueryParameter("from", moment, "From then on."), QueryParameter("to", moment, "Until then; of a date, the whole day."),
                QueryParameter("status", .string(pattern: "^([1-5][0-9]{2}|[1-5]xx)$"), "A status as `200`, or a class as `4xx`."),
                QueryParameter("method", .words(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]), "Of that method."),
                QueryParameter("endpoint", .plain(1...300), "Of that path."),
            ], list: .pages, answering: .ok("A page of them.", .named("UsagePage"))),
        .init(
            "getTokenPolicy", .policy, "What the tenant demands of tokens", answering: .ok("That.", .named("TokenPolicy")),
            refusals: [.validationFailed]),
        .init(
            "setTokenPolicy", .policy, "Demand something of all tokens", "Judged at every use: it holds for tokens that there are already.",
            body: .json(.named("TokenPolicyRequest"), example: #"{"maxLifetimeDays":90,"requireExpiry":true}"#),
            answering: .ok("The policy.", .named("TokenPolicy"))),
        .init(
            "previewTokenPolicy", .policy, "Which tokens a policy would hit",
            body: .json(.named("TokenPolicyRequest"), example: #"{"idleDays":30}"#), answering: .ok("The tokens.", .named("TokenPolicyPreview"))),
        .init(
            "listNotices", .notices, "What one is told about one's tokens", query: [QueryParameter("unread", .bool, "Only what isn't read.")],
            list: .pages, answering: .ok("A page of them.", .named("Notices"))),
        .init(
            "readNotice", .notices, "Mark a notice as read", answering: .noContent("It is."),
            refusals: [.malformedRequest, .validationFailed, .unsupportedMediaType]),
    ]

    private static let rotation = Schema.request(
        optional: ["overlapSeconds": Schema.integer(TokenBounds.overlapSeconds).described("How long the old secret stays good. Default: 0.")])

    package static let moment = Schema.string(pattern: #"^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2}))?$"#)
}
