import Domain
import HTTPTypes
import Hummingbird
import NIOCore

/// The reference for people: served by ourselves, with nothing from elsewhere.
package struct ReferenceController: Sendable {
    private let reference: Response
    private let overview: Response

    package init(document: OpenAPIDocument) {
        reference = .page(ReferencePage(operations: document.operations).html)
        overview = .asset(OverviewText(operations: document.operations).text.utf8, "text/plain; charset=utf-8")
    }

    package static let routes: [Route<API>] = [
        .open(.get, "/docs", "getReference") { $0.reference.show },
        .open(.get, "/docs/reference.css", "getReferenceStyle") { $0.reference.style },
        .open(.get, "/docs/reference.js", "getReferenceScript") { $0.reference.script },
        .open(.get, "/problems", "listProblems") { $0.reference.problems },
        .open(.get, "/problems/{name}", "getProblem") { $0.reference.problem },
        .open(.get, "/llms.txt", "getOverview") { $0.reference.plain },
    ]

    @Sendable func show(_ call: Call) async throws -> Response { reference }

    @Sendable func plain(_ call: Call) async throws -> Response { overview }

    @Sendable func style(_ call: Call) async throws -> Response { .asset(PackageResources.reference_css, "text/css; charset=utf-8") }

    @Sendable func script(_ call: Call) async throws -> Response { .asset(PackageResources.reference_js, "text/javascript; charset=utf-8") }

    @Sendable func problems(_ call: Call) async throws -> Response {
        .page(
            HTMLPage(title: "Tessera problems").html(
                body: "<main>\(HTML(joining: ErrorCode.allCases.map(Self.article)))</main>"))
    }

    @Sendable func problem(_ call: Call) async throws -> Response {
        let name = call.context.parameters.get("name") ?? ""
        guard let code = ErrorCode(rawValue: name.replacing("-", with: "_")), !name.contains("_") else { throw Refusal.notFound }
        return .page(HTMLPage(title: ProblemKind(code).title).html(body: "<main>\(Self.article(code))</main>"))
    }

    private static func article(_ code: ErrorCode) -> HTML {
        let (kind, guide) = (ProblemKind(code), ProblemGuide(code))
        return """
            <article id="\(code.rawValue)"><h3><a href="\(kind.type(of: code))">\(kind.title)</a></h3>
            <p class="address"><span class="method">\(kind.status.code)</span>\(code.rawValue)</p>
            <p>\(prose: guide.cause)</p><p><strong>What to do:</strong> \(prose: guide.cure)</p></article>
            """
    }
}

extension Response {
    /// A page that may load from here alone, and run nothing inline.
    fileprivate static func page(_ html: HTML) -> Response {
        var response = asset(html.text.utf8, "text/html; charset=utf-8")
        response.headers[.contentSecurityPolicy] =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        return response
    }

    fileprivate static func asset(_ bytes: some Sequence<UInt8>, _ type: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "public, max-age=300"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
