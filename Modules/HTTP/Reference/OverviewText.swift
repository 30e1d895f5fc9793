import HTTPTypes

/// The API on one page of Markdown, for readers that are programs (`/llms.txt`).
struct OverviewText {
    let operations: [DocumentedOperation]

    var text: String {
        let topics = OperationDescription.Topic.allCases.compactMap { topic -> String? in
            let lines = operations.filter { $0.description.topic == topic }.map { operation in
                let details = [operation.description.details, operation.endpoint.access.sentence].filter { !$0.isEmpty }.joined(separator: " ")
                return "- `\(operation.endpoint.method.rawValue) \(OpenAPIDocument.template(operation.endpoint.path))`: "
                    + "\(operation.description.summary)." + (details.isEmpty ? "" : " " + details)
            }
            return lines.isEmpty ? nil : "## \(topic.rawValue)\n\n\(topic.description)\n\n" + lines.joined(separator: "\n")
        }
        return """
            # Tessera

            > Tenants, people, API tokens and what they were used for, over a JSON API.

            - [OpenAPI 3.1](/openapi.json)
            - [Reference](/docs)
            - [Problems](/problems)

            Send `Authorization: Bearer …` with a session's access token or an API token (`tsr_…`). Refusals are `application/problem+json` with
            a stable `code`.

            \(topics.joined(separator: "\n\n"))

            """
    }
}
