package import HTTPTypes
import Hummingbird

/// What the route table says of an endpoint, whoever answers it.
package struct Endpoint: Sendable {
    package let method: HTTPRequest.Method
    /// The template, e.g. `/api/v1/tokens/{id}`.
    package let path: String
    package let operationID: String
    package let access: Access
    /// Whether an `Idempotency-Key` is taken: the same request sent again is answered again.
    package var isKeyed = false
    /// Whether answers tell a version by `ETag`, which a change may rest on by `If-Match`.
    package var isVersioned = false
    /// Whether `If-None-Match` is answered with 304.
    package var isRevalidated = false
    /// nil: it stays.
    package var deprecation: Deprecation?
}

/// An endpoint with what answers it.
package struct AnsweredEndpoint: Sendable {
    let endpoint: Endpoint
    let respond: @Sendable (Call) async throws -> Response
}
