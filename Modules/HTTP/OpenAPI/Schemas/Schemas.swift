import Domain

/// The document's components, by name.
package enum Schemas {
    package static let all: [String: Schema] = people.merging(tokens) { one, _ in one }.merging(general) { one, _ in one }

    private static let general: [String: Schema] = [
        "Problem": .answer(
            [
                "type": .string(format: "uri-reference").described("The kind of problem; leads to a page about it."),
                "title": .string(), "status": .integer(400...599), "detail": .string().described("What was wrong, and what to do."),
                "instance": .string(format: "uri"), "code": .string().described("The kind of problem, to program against. New ones may come."),
                "requestId": .id,
            ],
            optional: [
                "errors": .array(of: .answer(["pointer": .string(), "code": .string(), "detail": .string()]))
                    .described("What of the request is at fault: members by JSON Pointer, query parameters behind `?`.")
            ]
        ).described("A problem document (RFC 9457)."),
        "Pagination": .answer([
            "page": .integer(1...Int.max).orNull, "limit": .integer(1...100), "total": .integer(0...Int.max).orNull,
            "totalPages": .integer(0...Int.max).orNull,
            "totalIsCapped": .bool.described("Whether there are more than could be counted."),
            "nextCursor": .string().orNull.described("For the page behind this one; null at the end."),
        ]),
        "AuditEvent": .answer([
            "id": .id, "occurredAt": .time, "actor": .answer(["type": .string(), "id": .string().orNull]), "action": .string(),
            "target": .answer(["type": .string(), "id": .string().orNull]), "ipAddress": .string().orNull, "requestId": .id.orNull,
            "changes": .anyObject,
        ]),
        "AuditEvents": list("events", of: "AuditEvent"),
        "Health": .answer(["status": .words(["healthy", "ready", "unavailable"])]),
        "KeySet": .answer([
            "keys": .array(
                of: .answer([
                    "kty": .constant("OKP"), "crv": .constant("Ed25519"), "use": .constant("sig"), "alg": .constant("EdDSA"), "kid": .string(),
                    "x": .string(),
                ]))
        ]).described("A JSON Web Key set (RFC 7517)."),
    ]

    // MARK: What is used in many places

    package static let email = Schema.string(
        3...254,
        pattern:
            #"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"#,
        format: "email")
    package static let slug = Schema.string(Slug.bounds, pattern: "^[a-z0-9]+(-[a-z0-9]+)*$")
    package static let role = Schema.words(Role.allCases.map(\.rawValue))
    package static let secret = Schema.plain(1...1024)
    package static let password = Schema.plain(1...1024, format: "password")
    package static let newPassword = Schema.plain(8...128, format: "password")
        .described("Kept exactly as it is; not one of the common ones.")
    package static let name = Schema.text(1...100)
    package static let transport = Schema.words(["body", "cookie"])
        .described("Where the refresh and device tokens travel; `cookie` is for pages of the same origin.")
    package static let cidr = Schema.string(3...49, pattern: #"^[0-9A-Fa-f:.]+/[0-9]{1,3}$"#)
        .described("An address and the length of its prefix, without bits behind it, as `203.0.113.0/24`.")
    package static let scope = Schema.string(1...64, pattern: "^\(oneScope)$")
    package static let scopeNames = Schema.string(1...1000, pattern: "^\(oneScope)( \(oneScope))*$")
    package static let rate = Schema.request(["requests": .integer(TokenRate.requestBounds), "windowSeconds": .integer(TokenRate.windowBounds)])

    private static let oneScope = "(read|write|admin|self:rotate|\(scopedPermissions)|app:[a-z0-9._:-]{1,60})"
    private static let scopedPermissions = Permission.allCases.filter { PermissionTable.scope(giving: $0) != nil }.map(\.rawValue)
        .joined(separator: "|")

    /// A page of `items`.
    package static func list(_ name: String, of items: String) -> Schema { list(name, of: .named(items)) }

    package static func list(_ name: String, of items: Schema) -> Schema {
        .answer([name: .array(of: items), "pagination": .named("Pagination")])
    }
}
