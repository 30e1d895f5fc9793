package import Auth
package import Domain
import FoundationEssentials
package import HTTPTypes
package import Hummingbird

/// An endpoint of the table, and which of `Controllers` answers it. What a handler is given is what its access proves: there is no way
/// to leave the access out.
package struct Route<Controllers: Sendable>: Sendable {
    package private(set) var endpoint: Endpoint
    private let handler: @Sendable (Controllers) -> @Sendable (Call) async throws -> Response

    /// What answers a call, with whoever makes it.
    package typealias Handler<Someone> = @Sendable (Call, Someone) async throws -> Response

    /// The endpoint, answered by `controllers`.
    package func answered(by controllers: Controllers) -> AnsweredEndpoint {
        AnsweredEndpoint(endpoint: endpoint, respond: handler(controllers))
    }

    /// This, with an `Idempotency-Key` if one is sent: for what makes something.
    package var keyed: Self { with { $0.isKeyed = true } }
    /// This, about something that has versions.
    package var versioned: Self { with { $0.isVersioned = true } }
    /// This, asked for again and again by whoever has it already.
    package var revalidated: Self { with { $0.isRevalidated = true } }

    /// This, which will go.
    package func deprecated(_ deprecation: Deprecation) -> Self { with { $0.deprecation = deprecation } }

    private func with(_ change: (inout Endpoint) -> Void) -> Self {
        var route = self
        change(&route.endpoint)
        return route
    }

    /// For anyone.
    package static func open(
        _ method: HTTPRequest.Method, _ path: String, _ operationID: String,
        _ handler: @escaping @Sendable (Controllers) -> @Sendable (Call) async throws -> Response
    ) -> Self {
        Self(endpoint: Endpoint(method: method, path: path, operationID: operationID, access: .open), handler: handler)
    }

    /// For anyone; a session that is sent along is recognised.
    package static func optional(
        _ method: HTTPRequest.Method, _ path: String, _ operationID: String, _ handler: @escaping @Sendable (Controllers) -> Handler<Recognition>
    ) -> Self {
        Self(endpoint: Endpoint(method: method, path: path, operationID: operationID, access: .optionalSession)) { controllers in
            let respond = handler(controllers)
            return { call in
                let scope = call.context.scope
                return try await respond(call, scope.caller.map(Recognition.caller) ?? scope.unrecognised.map(Recognition.refused) ?? .nobody)
            }
        }
    }

    /// For whoever has a proven credential.
    package static func credential(
        _ method: HTTPRequest.Method, _ path: String, _ operationID: String, _ handler: @escaping @Sendable (Controllers) -> Handler<Caller>
    ) -> Self {
        checked(method, path, operationID, .credential, handler) { $0 }
    }

    /// For a person at a session.
    package static func personal(
        _ method: HTTPRequest.Method, _ path: String, _ operationID: String, _ access: Access,
        _ handler: @escaping @Sendable (Controllers) -> Handler<Person>
    ) -> Self {
        checked(method, path, operationID, access, handler) { caller throws(Refusal) in try caller.person() }
    }

    /// For a principal in a tenant.
    package static func guarded(
        _ method: HTTPRequest.Method, _ path: String, _ operationID: String, _ access: Access,
        _ handler: @escaping @Sendable (Controllers) -> Handler<Principal>
    ) -> Self {
        checked(method, path, operationID, access, handler) { caller throws(Refusal) in try caller.principal() }
    }

    /// For whoever may introspect: a principal in a tenant, or an introspector of the platform's.
    package static func introspecting(
        _ method: HTTPRequest.Method, _ path: String, _ operationID: String,
        _ handler: @escaping @Sendable (Controllers) -> Handler<Introspection.Asker>
    ) -> Self {
        let access = Access.introspection
        return Self(endpoint: Endpoint(method: method, path: path, operationID: operationID, access: access)) { controllers in
            let respond = handler(controllers)
            return { call in
                let scope = call.context.scope
                if let introspector = scope.introspector { return try await respond(call, .platform(introspector)) }
                guard let caller = scope.caller else { throw Refusal.authenticationRequired }
                try access.check(caller, at: Date())
                return try await respond(call, .tenant(try caller.principal()))
            }
        }
    }

    /// What is about tokens is not for a secret that was replaced.
    private static var tokens: String { "/api/v1/tokens" }

    private static func checked<Someone: Sendable>(
        _ method: HTTPRequest.Method, _ path: String, _ operationID: String, _ access: Access,
        _ handler: @escaping @Sendable (Controllers) -> Handler<Someone>,
        _ someone: @escaping @Sendable (Caller) throws(Refusal) -> Someone
    ) -> Self {
        Self(endpoint: Endpoint(method: method, path: path, operationID: operationID, access: access)) { controllers in
            let respond = handler(controllers)
            return { call in
                guard let caller = call.context.scope.caller else { throw Refusal.authenticationRequired }
                try access.check(caller, at: Date())
                if path.hasPrefix(Self.tokens) { try caller.requireCurrentSecret() }
                return try await respond(call, try someone(caller))
            }
        }
    }
}
