import Domain
import HTTPTypes

/// One operation as the document has it: of what the table says and what its description says.
struct DocumentedOperation {
    let endpoint: Endpoint
    let description: OperationDescription

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "operationId": .string(endpoint.operationID), "tags": .array([.string(description.topic.rawValue)]),
            "summary": .string(description.summary), "responses": .object(responses), "security": .array(endpoint.access.security),
        ]
        let details = [description.details, endpoint.access.sentence].filter { !$0.isEmpty }.joined(separator: "\n\n")
        if !details.isEmpty { members["description"] = .string(details) }
        if endpoint.deprecation != nil { members["deprecated"] = .bool(true) }
        let parameters = pathParameters + queryParameters + headerParameters
        if !parameters.isEmpty { members["parameters"] = .array(parameters) }
        if let body = description.body {
            members["requestBody"] = .object([
                "required": .bool(body.isRequired), "content": .object([body.type: Self.media(body.schema, example: body.example)]),
            ])
        }
        return .object(members)
    }

    // MARK: Parameters

    private var pathParameters: [JSONValue] {
        OpenAPIDocument.template(endpoint.path).split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
            let name = String(part.dropFirst().dropLast())
            let schema = description.path[name] ?? .id
            return .object(["name": .string(name), "in": .string("path"), "required": .bool(true), "schema": schema.json])
        }
    }

    /// What the query may have, a list's paging too.
    var query: [QueryParameter] { description.query + paging }

    private var queryParameters: [JSONValue] {
        query.map { Self.parameter($0.name, in: "query", $0.description, $0.schema) }
    }

    private var headerParameters: [JSONValue] {
        func header(_ name: String, _ description: String, _ schema: Schema) -> JSONValue {
            Self.parameter(name, in: "header", description, schema)
        }
        var parameters: [JSONValue] = []
        if endpoint.isKeyed {
            parameters.append(
                header(
                    "Idempotency-Key", "Sent again with the same key and body within 24 hours, the same is answered, without secrets.",
                    .string(1...255, pattern: #"^("([ !#-\[\]-~]|\\["\\])+"|[!#-~]([ -~]*[!-~])?)$"#)))
        }
        if isConditional {
            parameters.append(
                header(
                    "If-Match", "The `ETag` of what was read: 412 if it has changed since.",
                    .string(pattern: #"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$"#)))
        }
        if endpoint.isRevalidated {
            parameters.append(header("If-None-Match", "The `ETag` that is at hand: 304 if it still holds.", .string()))
        }
        return parameters
    }

    private static func parameter(_ name: String, in place: String, _ description: String, _ schema: Schema) -> JSONValue {
        .object(["name": .string(name), "in": .string(place), "description": .string(description), "schema": schema.json])
    }

    /// Whether a version may be demanded.
    private var isConditional: Bool { endpoint.isVersioned && [.patch, .put, .delete].contains(endpoint.method) }

    private var paging: [QueryParameter] {
        switch description.list {
        case nil: []
        case .cursor: Self.following
        case .pages: Self.numbering + Self.following
        }
    }

    private static let numbering = [
        QueryParameter("page", .integer(1...10_000), "Which page, from 1; page × limit may not pass 10,000: follow the cursor from there on.")
    ]

    private static let following = [
        QueryParameter("limit", .integer(1...100), "How many there are on a page."),
        QueryParameter(
            "cursor", .string(1...1024), "Where the page before ended: its `nextCursor`, with the same filters. Not together with `page`."),
    ]

    // MARK: Responses

    private var responses: [String: JSONValue] {
        var responses: [String: JSONValue] = [:]
        for answer in description.answers {
            var headers = standardHeaders
            for header in answer.headers { headers[header.rawValue] = DocumentedHeader.reference(header.rawValue) }
            if description.list != nil { headers["Link"] = DocumentedHeader.reference("Link") }
            if endpoint.isVersioned || endpoint.isRevalidated { headers["ETag"] = DocumentedHeader.reference("ETag") }
            if endpoint.isKeyed { headers["Idempotent-Replayed"] = DocumentedHeader.reference("Idempotent-Replayed") }
            var response: [String: JSONValue] = ["description": .string(answer.description), "headers": .object(headers)]
            if let schema = answer.schema {
                let contents = answer.types.map { ($0, Self.media(schema, example: answer.example)) }
                response["content"] = .object(Dictionary(contents) { one, _ in one })
            }
            responses[String(answer.status)] = .object(response)
        }
        if endpoint.isRevalidated { responses["304"] = .object(["description": .string("What is at hand still holds.")]) }
        for (status, codes) in Dictionary(grouping: Set(refusals), by: { ProblemKind($0).status.code }) {
            responses[String(status)] = refusal(status, codes.map(\.rawValue).sorted())
        }
        responses["default"] = .object([
            "description": .string("Any other refusal."),
            "content": .object(["application/problem+json": .object(["schema": Schema.named("Problem").json])]),
        ])
        return responses
    }

    /// Every refusal that the operation may answer.
    var refusals: [ErrorCode] {
        var codes = description.refusals + endpoint.access.refusals
        if endpoint.path.hasPrefix("/api/v1") { codes += [.quotaExceeded, .invalidRequest, .serviceUnavailable] }
        if endpoint.isKeyed { codes += [.idempotencyInProgress, .idempotencyKeyReused] }
        if isConditional { codes.append(.preconditionFailed) }
        if endpoint.path.contains("{") { codes.append(.notFound) }
        if description.body != nil { codes += [.malformedRequest, .validationFailed, .contentTooLarge, .unsupportedMediaType] }
        if description.list != nil { codes.append(.invalidCursor) }
        if description.list != nil || !description.query.isEmpty { codes.append(.validationFailed) }
        return codes
    }

    private var standardHeaders: [String: JSONValue] {
        let names = ["X-Request-Id"] + (endpoint.access.isOpen ? [] : ["RateLimit-Policy", "RateLimit", "X-Token-Expires-At"])
        return Dictionary(uniqueKeysWithValues: names.map { ($0, DocumentedHeader.reference($0)) })
    }

    private func refusal(_ status: Int, _ codes: [String]) -> JSONValue {
        var headers = standardHeaders
        if status == 401 { headers["WWW-Authenticate"] = DocumentedHeader.reference("WWW-Authenticate") }
        if status == 429 || status == 503 { headers["Retry-After"] = DocumentedHeader.reference("Retry-After") }
        // A gateway is told everything by 401 and 403, whatever it would be elsewhere.
        let isOpen = endpoint.access == .forwarded && (status == 401 || status == 403)
        let code: JSONValue = .object(["code": .object(["enum": .array(codes.map(JSONValue.string))])])
        let schema =
            isOpen ? Schema.named("Problem").json : .object(["allOf": .array([Schema.named("Problem").json, .object(["properties": code])])])
        return .object([
            "description": .string(codes.map { "`\($0)`" }.joined(separator: ", ") + (isOpen ? " and, for nginx, any other" : "")),
            "headers": .object(headers), "content": .object(["application/problem+json": .object(["schema": schema])]),
        ])
    }

    private static func media(_ schema: Schema, example: String?) -> JSONValue {
        var media: [String: JSONValue] = ["schema": schema.json]
        if let example { media["example"] = JSONValue(text: example) }
        return .object(media)
    }
}
