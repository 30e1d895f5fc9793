package import Domain
import HTTPTypes
package import Hummingbird

/// One matched request on its way into a controller.
package struct Call: Sendable {
    package let request: Request
    package let context: APIContext

    /// The path parameter `name` as an id. Throws ``Refusal/notFound``: a malformed id is as unknown as any other.
    package func id<Entity>(_ name: String, of _: Entity.Type = Entity.self) throws(Refusal) -> Identifier<Entity> {
        guard let text = context.parameters.get(name), let id = Identifier<Entity>(text) else { throw .notFound }
        return id
    }

    /// Where the request came from, for sessions and for the audit log.
    package var origin: Origin {
        Origin(
            ipAddress: context.scope.remoteAddress, userAgent: request.headers[.userAgent].map(BoundedText.header),
            requestID: context.scope.id)
    }
}
