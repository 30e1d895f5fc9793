package import HTTPTypes
import Hummingbird

/// What the route table says of an endpoint, whoever answers it.
package struct Endpoint: Sendable {
    package let method: HTTPRequest.Method
    /// The template, e.g. `/api/v1/tokens/{id}`.
    package let path: String
    package let operationID: String
    package let access: Access
}

/// An endpoint with what answers it.
package struct AnsweredEndpoint: Sendable {
    let endpoint: Endpoint
    let respond: @Sendable (Call) async throws -> Response
}
