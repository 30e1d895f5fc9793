import Domain
import HTTPTypes

/// The readable reference: every operation, with a sample and a way to try it.
struct ReferencePage {
    let operations: [DocumentedOperation]

    var html: HTML {
        let topics = OperationDescription.Topic.allCases.map { topic in (topic, operations.filter { $0.description.topic == topic }) }
            .filter { !$0.1.isEmpty }
        let menu = HTML(
            joining: topics.map { topic, operations in
                let items = HTML(joining: operations.map { "<li><a href=\"#\($0.endpoint.operationID)\">\($0.description.summary)</a></li>" })
                return "<h2>\(topic.rawValue)</h2><ul>\(items)</ul>"
            })
        let sections = HTML(
            joining: topics.map { topic, operations in
                "<section><h2>\(topic.rawValue)</h2><p>\(prose: topic.description)</p>\(HTML(joining: operations.map(Self.article)))</section>"
            })
        return HTMLPage(title: "Tessera API", script: "/docs/reference.js").html(
            header: """
                <label>Search <input id="search" type="search"></label>
                <label>Token <input id="credential" type="password" autocomplete="off" placeholder="tsr_… or a session's"></label>
                <span id="found" class="dim" role="status"></span>
                """,
            body: """
                <div class="layout"><nav aria-label="Operations">\(menu)</nav><main>
                <p>All of this as <a href="/openapi.json">OpenAPI 3.1</a>, and <a href="/problems">every kind of problem</a>. Credentials go into
                <code>Authorization: Bearer …</code>. What is tried out here is done for real; the token stays in this page's memory.</p>
                \(sections)</main></div>
                """)
    }

    private static func article(_ operation: DocumentedOperation) -> HTML {
        let (endpoint, description) = (operation.endpoint, operation.description)
        let paragraphs = HTML(
            joining: (description.details.split(separator: "\n\n").map(String.init) + [endpoint.access.sentence]).filter { !$0.isEmpty }
                .map { "<p>\(prose: $0)</p>" })
        return """
            <article id="\(endpoint.operationID)"><h3>\(description.summary)</h3>
            <p class="address"><span class="method">\(endpoint.method.rawValue)</span>\(OpenAPIDocument.template(endpoint.path))</p>
            \(paragraphs)\(parameters(operation))<pre><code>\(curl(operation))</code></pre>\(answers(operation))\(form(operation))</article>
            """
    }

    private static func parameters(_ operation: DocumentedOperation) -> HTML {
        let rows = operation.query.map { "<tr><td><code>\($0.name)</code></td><td>\(prose: $0.description)</td></tr>" as HTML }
        return rows.isEmpty ? "" : "<table><thead><tr><th>Query</th><th></th></tr></thead><tbody>\(HTML(joining: rows))</tbody></table>"
    }

    private static func answers(_ operation: DocumentedOperation) -> HTML {
        let good = operation.description.answers.map { "<tr><td>\($0.status)</td><td>\(prose: $0.description)</td></tr>" as HTML }
        let bad = Set(operation.refusals).sorted { (ProblemKind($0).status.code, $0.rawValue) < (ProblemKind($1).status.code, $1.rawValue) }
            .map { code -> HTML in
                let kind = ProblemKind(code)
                return """
                    <tr><td>\(kind.status.code)</td><td><a href="\(kind.type(of: code))"><code>\(code.rawValue)</code></a> \
                    <span class="dim">\(prose: ProblemGuide(code).cause)</span></td></tr>
                    """
            }
        return """
            <table><thead><tr><th>Status</th><th></th></tr></thead><tbody>\(HTML(joining: good))</tbody></table>
            <details><summary>Refusals</summary><table><tbody>\(HTML(joining: bad))</tbody></table></details>
            """
    }

    static func curl(_ operation: DocumentedOperation) -> String {
        var lines = ["curl"]
        if operation.endpoint.method != .get { lines[0] += " -X \(operation.endpoint.method.rawValue)" }
        lines[0] += " \"$TESSERA\(OpenAPIDocument.template(operation.endpoint.path))\""
        if !operation.endpoint.access.isOpen { lines.append("-H \"Authorization: Bearer $TOKEN\"") }
        if let body = operation.description.body {
            lines.append("-H 'Content-Type: \(body.type)'")
            lines.append("-d '\(body.sample.replacing("'", with: #"'\''"#))'")
        }
        return lines.joined(separator: " \\\n  ")
    }

    private static func form(_ operation: DocumentedOperation) -> HTML {
        let path = OpenAPIDocument.template(operation.endpoint.path)
        let places = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
        let inputs =
            places.map { "<label>\($0) <input name=\"\($0)\" data-in=\"path\" required></label>" as HTML }
            + operation.query.map { "<label>\($0.name) <input name=\"\($0.name)\"></label>" as HTML }
        let body: HTML
        if let sample = operation.description.body?.sample {
            body =
                "<label for=\"\(operation.endpoint.operationID)-body\">Body</label><textarea id=\"\(operation.endpoint.operationID)-body\">\(sample)</textarea>"
        } else {
            body = ""
        }
        return """
            <details><summary>Try it</summary><form data-method="\(operation.endpoint.method.rawValue)" data-path="\(path)" \
            data-type="\(operation.description.body?.type ?? "")">\(HTML(joining: inputs))\(body)<button>Send</button>
            <pre><output></output></pre></form></details>
            """
    }
}

extension DocumentedBody {
    /// The example as it is sent.
    var sample: String {
        guard type == "application/x-www-form-urlencoded", case .object(let members) = JSONValue(text: example) else { return example }
        return members.sorted { $0.key < $1.key }.map { name, value in
            guard case .string(let text) = value else { return name + "=" }
            return name + "=" + text
        }.joined(separator: "&")
    }
}

/// What all pages have around them.
struct HTMLPage {
    let title: String
    /// A module of ours; nil: none.
    var script: String?

    func html(header: HTML = "", body: HTML) -> HTML {
        let script: HTML = script.map { "<script type=\"module\" src=\"\($0)\"></script>" } ?? ""
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title)</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/reference.css">\(script)</head>
            <body><header><h1><a href="/docs">\(title)</a></h1>\(header)</header>\(body)</body></html>
            """
    }
}
