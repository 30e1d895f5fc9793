import Domain
import HTTPTypes
import Hummingbird

/// Answers a proxy whether the request in its hands may pass, and on whose behalf it is made.
package struct ForwardAuthController: Sendable {
    package init() {}

    private static let path = "/api/v1/authorize"

    /// Any method, since some proxies ask by the original one.
    static let routes: [Route<API>] = [
        (HTTPRequest.Method.get, "Get"), (.post, "Post"), (.put, "Put"), (.patch, "Patch"), (.delete, "Delete"), (.options, "Options"),
    ].flatMap { method, name -> [Route<API>] in
        [
            .guarded(method, path, "authorize\(name)", .forwarded) { $0.forwardAuth.authorize },
            .guarded(method, path + "/**", "authorizePath\(name)", .forwarded) { $0.forwardAuth.authorize },
        ]
    }

    @Sendable func authorize(_ call: Call, _ principal: Principal) async throws -> Response {
        let forwarded = try ForwardedRequest(call.request, call.context.scope, behind: Self.path)
        var query = QueryReader(call.request.uri.query)
        let wanted = query.value("scope", expected: "names of scopes with blanks between them", Self.scopes)
        _ = query.value("for", expected: "nginx") { $0 == "nginx" ? $0 : nil }
        try query.finish()
        if let wanted { try principal.require(wanted) } else { try principal.require(forwarded.permission) }
        var response = Response.noContent
        response.headers[.xTesseraTenant] = principal.tenant.id.description
        response.headers[.xTesseraUser] = principal.subject.id.description
        response.headers[.xTesseraRole] = principal.role.rawValue
        let scopes = principal.scopes.map(\.description).joined(separator: " ")
        response.headers[.xTesseraScopes] = scopes.isEmpty ? "-" : scopes
        response.headers[.xTesseraTokenID] = principal.token?.id.description ?? "-"
        return response
    }

    /// Whether `request` is for here, whatever its method.
    static func answers(_ request: Request) -> Bool { request.uri.path == path || request.uri.path.hasPrefix(path + "/") }

    private static func scopes(_ text: String) -> [Scope]? {
        let names = text.split(separator: " ")
        let scopes = names.compactMap { Scope(String($0)) }
        return scopes.isEmpty || scopes.count != names.count ? nil : scopes
    }

    /// What `request` asks about, for the usage log; nil where it asks about nothing, or not so that it could be understood.
    static func forwarded(by request: Request, _ scope: RequestScope) -> ForwardedRequest? {
        guard request.uri.path.hasPrefix(path) else { return nil }
        return try? ForwardedRequest(request, scope, behind: path)
    }

    /// How a refusal is told to `?for=nginx`, which passes on 401 and 403 and takes everything else for a fault of ours: nil for all others.
    static func statusForNginx(_ status: HTTPResponse.Status, _ request: Request) -> HTTPResponse.Status? {
        guard request.uri.path.hasPrefix(path), (request.uri.query ?? "").split(separator: "&").contains("for=nginx") else { return nil }
        return status == .unauthorized ? .unauthorized : .forbidden
    }
}
