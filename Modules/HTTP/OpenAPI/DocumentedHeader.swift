/// A response header as the document's components have it.
struct DocumentedHeader: Sendable {
    let description: String
    let schema: Schema

    var json: JSONValue { .object(["description": .string(description), "schema": schema.json]) }

    /// By name.
    static let all: [String: DocumentedHeader] = [
        "X-Request-Id": .init(description: "The request, as logs and problem documents name it.", schema: .id),
        "RateLimit-Policy": .init(
            description: "The limits that the request counted against: `\"token\";q=600;w=60` is 600 requests in 60 seconds.", schema: .string()),
        "RateLimit": .init(
            description: "What is left: `\"token\";r=597;t=1` is 597 requests, and one more in a second.", schema: .string()),
        "Retry-After": .init(description: "Whole seconds after which it is worth trying again.", schema: .integer(1...Int.max)),
        "WWW-Authenticate": .init(description: "Why the credential didn't do (RFC 6750 §3).", schema: .string()),
        "Link": .init(description: "`first`, `prev`, `next` and `last` page as far as they exist (RFC 8288).", schema: .string()),
        "X-Token-Expires-At": .init(description: "When the API token ends, within its last 14 days.", schema: .time),
        "Location": .init(description: "Where what was made is.", schema: .string()),
        "Set-Cookie": .init(description: "With transport `cookie`: the refresh and device tokens.", schema: .string()),
        "Content-Disposition": .init(description: "A name for the file.", schema: .string()),
        "Idempotent-Replayed": .init(description: "`true`: this was answered before, under the same key.", schema: .words(["true"])),
        "ETag": .init(description: "The version, for `If-Match` and `If-None-Match`.", schema: .string()),
    ]

    static func reference(_ name: String) -> JSONValue { .object(["$ref": .string("#/components/headers/" + name)]) }
}
