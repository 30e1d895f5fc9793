import Domain

extension OperationDescription {
    static let audit: [OperationDescription] = [
        .init(
            "listAudit", .audit, "What happened in the tenant", "Every change, the newest first.", query: auditFilter, list: .cursor,
            answering: .ok("A page of it.", .named("AuditEvents"))),
        .init(
            "exportAudit", .audit, "What happened in the tenant, as a file",
            "NDJSON, or CSV by `Accept: text/csv`. A file that breaks off isn't whole.",
            query: auditFilter, answering: .export("All of it.")),
    ]

    /// What both audit logs are filtered by.
    package static let auditFilter = [
        QueryParameter(
            "actor", .string(pattern: "^(system|anonymous|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$"),
            "Who did it: an id, `system` or `anonymous`."),
        QueryParameter("action", .string(3...100, pattern: #"^[a-z_]+\.[a-z_]+$"#), "What was done, as `token.created`."),
        QueryParameter("target", .plain(1...100), "The id of what it was done to."), QueryParameter("from", moment, "From then on."),
        QueryParameter("to", moment, "Until then; of a date, the whole day."),
    ]
}
