import Crypto
import HTTPTypes
import Hummingbird
import NIOCore

/// The description of the whole API.
package struct OpenAPIController: Sendable {
    private let response: Response

    package init(document: OpenAPIDocument) {
        let digest = SHA256.hash(data: document.bytes).prefix(16).map { String(UInt16($0) | 0x100, radix: 16).dropFirst() }.joined()
        response = Response(
            status: .ok,
            headers: [.contentType: "application/json", .cacheControl: "public, max-age=300", .eTag: "\"\(digest)\""],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: document.bytes)))
    }

    /// Outside of `/api/v1`, where everyone looks for it.
    package static let routes: [Route<API>] = [.open(.get, "/openapi.json", "getOpenAPI") { $0.openAPI.show }.revalidated]

    @Sendable func show(_ call: Call) async throws -> Response { response }
}
