import Domain
import FoundationEssentials
import HTTPTypes

/// What `/openapi.json` answers: the route table and what is said of its operations, as OpenAPI 3.1.
package struct OpenAPIDocument: Sendable {
    let json: JSONValue
    /// The table with what is said of it, in the table's order.
    let operations: [DocumentedOperation]

    /// The table and its descriptions don't fit together.
    package struct Mismatch: Error, CustomStringConvertible {
        /// Operations of the table that nothing is said of.
        package let undescribed: [String]
        /// What is said of operations that aren't in the table.
        package let unknown: [String]

        package var description: String { "undescribed: \(undescribed), unknown: \(unknown)" }
    }

    /// - Parameters:
    ///   - endpoints: the whole table.
    ///   - descriptions: one of each operation. Throws ``Mismatch`` otherwise.
    ///   - schemas: the components, by name.
    package init(endpoints: [Endpoint], descriptions: [OperationDescription], schemas: [String: Schema]) throws(Mismatch) {
        let known = Dictionary(descriptions.map { ($0.id, $0) }) { one, _ in one }
        let ids = Set(endpoints.map(\.operationID))
        let undescribed = ids.filter { known[$0] == nil }.sorted()
        let unknown = known.keys.filter { !ids.contains($0) }.sorted()
        guard undescribed.isEmpty, unknown.isEmpty else { throw Mismatch(undescribed: undescribed, unknown: unknown) }
        operations = endpoints.compactMap { endpoint in
            known[endpoint.operationID].map { DocumentedOperation(endpoint: endpoint, description: $0) }
        }
        var paths: [String: [String: JSONValue]] = [:]
        for operation in operations {
            let endpoint = operation.endpoint
            paths[Self.template(endpoint.path), default: [:]][endpoint.method.rawValue.lowercased()] = operation.json
        }
        json = .object([
            "openapi": .string("3.1.0"), "info": Self.info, "servers": .array([.object(["url": .string("/")])]),
            "tags": .array(
                OperationDescription.Topic.allCases.map {
                    .object(["name": .string($0.rawValue), "description": .string($0.description)])
                }),
            "paths": .object(paths.mapValues(JSONValue.object)), "components": Self.components(schemas),
        ])
    }

    /// The path as OpenAPI writes it: whatever stands behind is the parameter `path`.
    static func template(_ path: String) -> String { path.replacing("/**", with: "/{path}") }

    private static let info = JSONValue.object([
        "title": .string("Tessera"), "version": .string("1.0.0"),
        "summary": .string("Tenants, people, API tokens and what they were used for."),
        "description": .string(
            """
            Frontends call this with sessions, integrations with API tokens (`tsr_…`): `Authorization: Bearer …`, never in a query or a body.

            Times are RFC 3339 in UTC, ids are UUIDs, lengths count Unicode scalars after trimming. Unknown members and query parameters are \
            refused. Refusals are problem documents (RFC 9457) with a stable `code`; `type` leads to a page that says what to do.

            Within `/api/v1` members, operations and codes may be added; nothing is taken away without `Deprecation` and `Sunset` headers \
            six months ahead.
            """),
        "license": .object(["name": .string("MIT"), "identifier": .string("MIT")]),
    ])

    private static func components(_ schemas: [String: Schema]) -> JSONValue {
        .object([
            "schemas": .object(schemas.mapValues(\.json)),
            "securitySchemes": .object([
                "session": bearer("JWT", "The access token of a session, from `/api/v1/auth/login`; good for 15 minutes."),
                "apiToken": bearer("tsr_", "An API token. What an operation demands of its scopes is listed with it."),
                "introspector": bearer("tsi_", "A credential of the platform's own gateway, for introspection alone."),
            ]),
            "headers": .object(DocumentedHeader.all.mapValues(\.json)),
        ])
    }

    private static func bearer(_ format: String, _ description: String) -> JSONValue {
        .object([
            "type": .string("http"), "scheme": .string("bearer"), "bearerFormat": .string(format), "description": .string(description),
        ])
    }
}
