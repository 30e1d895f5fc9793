import Domain
import HTTPTypes
import Hummingbird

/// The request that a proxy asks about.
struct ForwardedRequest: Sendable {
    let method: String
    /// Without its query; at most 300 bytes.
    let path: String

    /// Reads it from the headers of a trusted proxy (`X-Original-Method` and `-URI`, or `X-Forwarded-Method` and `-Uri`), or where there
    /// are none takes the request's own method and what stands behind `prefix` in its path.
    ///
    /// Throws ``ErrorCode/forbidden`` for such headers from anyone else, and ``ErrorCode/invalidRequest`` for half a request: taking a
    /// change for a look would be worse than to refuse.
    init(_ request: Request, _ scope: RequestScope, behind prefix: String) throws(Refusal) {
        let headers = request.headers
        let method = headers[.xOriginalMethod] ?? headers[.xForwardedMethod]
        let uri = headers[.xOriginalURI] ?? headers[.xForwardedURI]
        if method == nil, uri == nil {
            self.init(method: request.method.rawValue, uri: String(request.uri.path.dropFirst(prefix.count)))
            return
        }
        guard scope.isProxied else {
            throw .forbidden("Only a trusted proxy may ask about another request: list its network in http.trustedProxies.")
        }
        guard let method, let uri, !method.isEmpty else {
            throw Refusal(.invalidRequest, "The original request takes its method and its address: X-Original-Method and X-Original-URI.")
        }
        self.init(method: method.uppercased(), uri: uri)
    }

    private init(method: String, uri: String) {
        let path = uri.prefix { $0 != "?" && $0 != "#" }
        self.method = BoundedText.header(String(method.prefix(20)))
        self.path = BoundedText.header(path.isEmpty ? "/" : String(path))
    }

    /// What it takes where nothing else is said: the customer's own resources are read or written.
    var permission: Permission { method == "GET" || method == "HEAD" ? .dataRead : .dataWrite }
}
