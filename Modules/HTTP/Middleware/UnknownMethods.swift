import Domain
import HTTPTypes
import Hummingbird

/// Answers methods that no route of ours has, such as PROPFIND: 405 with `Allow` where the address is known, 404 elsewhere.
struct UnknownMethods: RouterMiddleware {
    typealias Context = APIContext

    /// The methods that the router knows.
    let known: Set<HTTPRequest.Method>
    /// What each template allows.
    let allowed: [(template: [Substring], methods: String)]

    func handle(_ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response) async throws -> Response {
        if known.contains(request.method) { return try await next(request, context) }
        let path = request.uri.path.split(separator: "/")
        // As the router does: what is spelled out goes before what is a parameter.
        let match = allowed.filter { Self.fits(path, $0.template) }.min { Self.parameters($0.template) < Self.parameters($1.template) }
        guard let match else { throw Refusal.notFound }
        throw MethodNotAllowed(allowed: match.methods)
    }

    private static func fits(_ path: [Substring], _ template: [Substring]) -> Bool {
        if template.last == "**" { return path.count >= template.count && zip(path, template.dropLast()).allSatisfy { $0 == $1 } }
        return path.count == template.count && zip(path, template).allSatisfy { $0 == $1 || $1.hasPrefix("{") }
    }

    private static func parameters(_ template: [Substring]) -> Int { template.count { $0.hasPrefix("{") || $0 == "**" } }
}
