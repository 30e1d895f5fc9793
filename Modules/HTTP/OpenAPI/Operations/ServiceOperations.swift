import Domain

extension OperationDescription {
    static let service: [OperationDescription] =
        [
            .init(
                "introspect", .verification, "Whether a token is good", "RFC 7662. A tenant is told of its own tokens only.",
                body: .form(
                    .request(["token": .string()]).adding(["token_type_hint": .string(), "client_ip": .address]), example: #"{"token":"tsr_…"}"#),
                answering: .ok("What it may, or that it is no good.", .named("Introspection"), example: #"{"active":false}"#)),
            .init(
                "listFeatureFlags", .service, "Which features one has, and why",
                answering: .ok(
                    "All of them.",
                    .answer(["flags": .array(of: .answer(["key": .string(), "enabled": .bool, "reason": .string()]))])),
                refusals: [.validationFailed]),
            .init("getHealth", .service, "Whether the process lives", answering: .ok("It does.", .named("Health"))),
            .init("getLiveness", .service, "Whether the process lives", answering: .ok("It does.", .named("Health"))),
            .init(
                "getReadiness", .service, "Whether requests can be served", answering: .ok("They can.", .named("Health")),
                DocumentedAnswer(
                    status: 503, description: "They can't.", types: ["application/json"], schema: .named("Health"), example: nil, headers: [])),
            .init("getKeys", .service, "The keys that access tokens are signed with", answering: .ok("Public halves.", .named("KeySet"))),
            .init("getOpenAPI", .service, "This document", answering: .ok("It.", .anyObject)),
            .init("getReference", .service, "The reference for people", answering: .page("It, as HTML.", "text/html")),
            .init("getReferenceStyle", .service, "The reference's style sheet", answering: .page("It.", "text/css")),
            .init("getReferenceScript", .service, "The reference's script", answering: .page("It.", "text/javascript")),
            .init("listProblems", .service, "Every kind of problem", answering: .page("As HTML.", "text/html")),
            .init(
                "getProblem", .service, "A kind of problem, and what to do about it",
                path: ["name": .words(ErrorCode.allCases.map { $0.rawValue.replacing("_", with: "-") })], answering: .page("As HTML.", "text/html")),
            .init("getOverview", .service, "The API on one page, for programs that read", answering: .page("As Markdown.", "text/plain")),
        ] + authorize

    /// The same of every method.
    private static let authorize: [OperationDescription] = ["Get", "Post", "Put", "Patch", "Delete", "Options"].flatMap { method in
        [("authorize\(method)", [:]), ("authorizePath\(method)", ["path": Schema.string(pattern: "^.+$")])].map { id, path in
            OperationDescription(
                id, .verification, "May this credential do what a gateway was asked?",
                "For `auth_request` and its like. The request is told by `X-Original-Method` and `X-Original-URI`, or `X-Forwarded-Method` and "
                    + "`X-Forwarded-Uri`, of a trusted proxy; else by this one's own method and the path behind `/authorize`.",
                path: path,
                query: [
                    QueryParameter("scope", Schemas.scopeNames, "Scopes to demand instead, with blanks between them."),
                    QueryParameter("for", .constant("nginx"), "Every refusal as 401 or 403, its code in `X-Tessera-Code`."),
                ],
                answering: .noContent("It may; `X-Tessera-Tenant`, `-User`, `-Role`, `-Scopes` and `-Token-Id` say who it is."))
        }
    }
}

extension API {
    /// What is said of the operations of ``routes``.
    package static let descriptions: [OperationDescription] =
        OperationDescription.sessions + OperationDescription.people + OperationDescription.tokens + OperationDescription.audit
        + OperationDescription.service
}
