package import Domain
import FoundationEssentials
package import HTTPTypes
package import Hummingbird

/// One operation of the API: where it is, who may call it, and what answers.
package struct Route: Sendable {
    package let method: HTTPRequest.Method
    /// The template, e.g. `/api/v1/tokens/{id}`.
    package let path: String
    package let operationID: String
    package let access: Access
    let handler: @Sendable (API) -> Handler

    /// What answers a call.
    package typealias Handler = @Sendable (Call) async throws -> Response
    /// What answers a call of a proven principal.
    package typealias GuardedHandler = @Sendable (Call, Principal) async throws -> Response

    /// A route that asks for no credential.
    package static func open(
        _ method: HTTPRequest.Method, _ path: String, _ operationID: String, _ handler: @escaping @Sendable (API) -> Handler
    ) -> Route {
        Route(method: method, path: path, operationID: operationID, access: .open, handler: handler)
    }

    /// A route for a proven principal that has `access`; there is no way to leave it out.
    package static func guarded(
        _ method: HTTPRequest.Method, _ path: String, _ operationID: String, _ access: Access,
        _ handler: @escaping @Sendable (API) -> GuardedHandler
    ) -> Route {
        Route(method: method, path: path, operationID: operationID, access: access) { api in
            let respond = handler(api)
            return { call in
                guard let principal = call.context.scope.principal else { throw Refusal.authenticationRequired }
                try access.check(principal, at: Date())
                return try await respond(call, principal)
            }
        }
    }
}
