import Domain
import HTTPTypes
package import Hummingbird

/// Puts the route table and the layers around it together into the responder that serves requests.
package struct RouterAssembly: Sendable {
    private let layers: Layers

    package init(layers: Layers) { self.layers = layers }

    /// The layers, outermost first; the last two stand around guarded routes only.
    package struct Layers: Sendable {
        let observation: Observation
        let headers: ResponseHeaders
        let crossOrigin: CrossOrigin
        let usage: UsageCapture
        let addressLimit: AddressLimit
        let authentication: AuthenticationMiddleware
        let recognition: AuthenticationMiddleware
        let identification: AuthenticationMiddleware
        let introspection: IntrospectorAuthentication
        let conventions: EndpointConventions

        /// - Parameters:
        ///   - authentication: in front of guarded routes.
        ///   - recognition: in front of routes that a session may call, and anyone else too.
        ///   - identification: in front of what is refused anyway (404, 405): it never refuses itself.
        ///   - introspection: in front of introspection alone, which takes a kind of credential that nothing else takes.
        ///   - conventions: around each route's own answer.
        package init(
            observation: Observation, headers: ResponseHeaders, crossOrigin: CrossOrigin, usage: UsageCapture, addressLimit: AddressLimit,
            authentication: AuthenticationMiddleware, recognition: AuthenticationMiddleware, identification: AuthenticationMiddleware,
            introspection: IntrospectorAuthentication, conventions: EndpointConventions
        ) {
            self.observation = observation
            self.headers = headers
            self.crossOrigin = crossOrigin
            self.usage = usage
            self.addressLimit = addressLimit
            self.authentication = authentication
            self.recognition = recognition
            self.identification = identification
            self.introspection = introspection
            self.conventions = conventions
        }
    }

    package func responder(for routes: [AnsweredEndpoint]) -> some HTTPResponder<APIContext> {
        let router = Router(context: APIContext.self)
        router.add(middleware: layers.observation)
        router.add(middleware: layers.headers)
        router.add(middleware: layers.crossOrigin)
        router.add(middleware: layers.usage)
        router.add(middleware: ProblemRendering())
        let methods = Self.methods(of: routes.map(\.endpoint))
        router.add(
            middleware: UnknownMethods(known: Set(Self.allMethods), allowed: methods.map { ($0.path.split(separator: "/"), Self.list($0.methods)) }))
        let plain = router.group()
        let limited = router.group().add(middleware: layers.addressLimit)
        let guarded = limited.group().add(middleware: layers.authentication)
        let recognised = limited.group().add(middleware: layers.recognition)
        let introspecting = limited.group().add(middleware: layers.introspection)
        let refused = limited.group().add(middleware: layers.identification)

        for route in routes {
            let endpoint = route.endpoint
            let group =
                switch endpoint.access {
                case .open: endpoint.path.hasPrefix(Self.base) ? limited : plain
                case .optionalSession: recognised
                case .introspection: introspecting
                default: guarded
                }
            for method in endpoint.method == .get ? [.get, .head] : [endpoint.method] {
                group.on(RouterPath(endpoint.path), method: method) { request, context in
                    let response = try await layers.conventions.respond(
                        to: Call(request: request, context: context), of: endpoint, route.respond)
                    return method == .head ? response.createHeadResponse() : response
                }
            }
        }
        for (path, methods) in methods {
            addRemainingMethods(
                of: path, methods, telling: !routes.contains { $0.endpoint.path == path && $0.endpoint.method == .options },
                to: path.hasPrefix(Self.base) ? refused : plain)
        }
        for method in Self.allMethods {
            refused.on(RouterPath(Self.base + "/**"), method: method) { _, _ -> Response in throw Refusal.notFound }
        }
        return router.buildResponder()
    }

    private static let base = "/api/v1"

    private static let allMethods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]

    private static func methods(of endpoints: [Endpoint]) -> [(path: String, methods: [HTTPRequest.Method])] {
        Dictionary(grouping: endpoints, by: \.path).map { path, endpoints in
            let methods = endpoints.map(\.method)
            return (path, methods + (methods.contains(.get) ? [.head] : []) + (methods.contains(.options) ? [] : [.options]))
        }
    }

    /// As `Allow` has them.
    private static func list(_ methods: [HTTPRequest.Method]) -> String { methods.map(\.rawValue).joined(separator: ", ") }

    /// OPTIONS tells what there is; every other method that isn't there is 405 with the same list (RFC 9110 §15.5.6).
    ///
    /// - Parameter telling: false where OPTIONS is a route of its own.
    private func addRemainingMethods(
        of path: String, _ methods: [HTTPRequest.Method], telling: Bool, to group: RouterGroup<APIContext>
    ) {
        let allowed = Self.list(methods)
        if telling { group.on(RouterPath(path), method: .options) { _, _ in Response(status: .noContent, headers: [.allow: allowed]) } }
        for method in Self.allMethods where !methods.contains(method) {
            group.on(RouterPath(path), method: method) { _, _ -> Response in throw MethodNotAllowed(allowed: allowed) }
        }
    }
}

/// A known path, asked with a method it doesn't have.
struct MethodNotAllowed: Error {
    /// The value of `Allow`.
    let allowed: String
}
