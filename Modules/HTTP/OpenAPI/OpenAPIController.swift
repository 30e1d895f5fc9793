import HTTPTypes
import Hummingbird

/// The description of the whole API.
package struct OpenAPIController: Sendable {
    private let response: Response

    package init(document: OpenAPIDocument) throws {
        response = try Answer.taggedJSON(document.json, headers: [.cacheControl: "public, max-age=300"]).response
    }

    /// Outside of `/api/v1`, where everyone looks for it.
    package static let routes: [Route<API>] = [.open(.get, "/openapi.json", "getOpenAPI") { $0.openAPI.show }.revalidated]

    @Sendable func show(_ call: Call) async throws -> Response { response }
}
