package import Domain
package import HTTPTypes
package import Hummingbird

/// One operation of the API: where it is, who may call it, and what answers.
package struct Route: Sendable {
    package let method: HTTPRequest.Method
    /// The template, e.g. `/api/v1/tokens/{id}`.
    package let path: String
    package let operationID: String
    package let access: Access
    let respond: @Sendable (Call) async throws -> Response

    /// A route that asks for no credential.
    package static func open(
        _ method: HTTPRequest.Method, _ path: String, _ operationID: String, _ respond: @escaping @Sendable (Call) async throws -> Response
    ) -> Route {
        Route(method: method, path: path, operationID: operationID, access: .open, respond: respond)
    }

    /// A route for a proven principal that has `access`; there is no way to leave it out.
    package static func guarded(
        _ method: HTTPRequest.Method, _ path: String, _ operationID: String, _ access: Access,
        _ respond: @escaping @Sendable (Call, Principal) async throws -> Response
    ) -> Route {
        Route(method: method, path: path, operationID: operationID, access: access) { call in
            guard let principal = call.context.scope.principal else {
                throw Refusal(.authenticationRequired, "Send a session's access token or an API token as Authorization: Bearer ….")
            }
            try access.check(principal)
            return try await respond(call, principal)
        }
    }

    private init(
        method: HTTPRequest.Method, path: String, operationID: String, access: Access,
        respond: @escaping @Sendable (Call) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.operationID = operationID
        self.access = access
        self.respond = respond
    }
}
