import HTTPTypes
import Hummingbird

/// What holds around each operation by what the route table says of it.
package struct EndpointConventions: Sendable {
    private let idempotency: Idempotency

    package init(idempotency: Idempotency) { self.idempotency = idempotency }

    func respond(to call: Call, of endpoint: Endpoint, _ respond: @Sendable (Call) async throws -> Response) async throws -> Response {
        call.context.scope.deprecation = endpoint.deprecation
        let response = try await idempotency.respond(to: call, of: endpoint, respond)
        return endpoint.isRevalidated ? Revalidation.answer(call.request, response) : response
    }
}
