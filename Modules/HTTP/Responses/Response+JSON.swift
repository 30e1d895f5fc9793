import FoundationEssentials
package import HTTPTypes
package import Hummingbird
import NIOCore

extension Response {
    /// `body` as `application/json`.
    package static func json(_ body: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) throws -> Response {
        try encoded(body, as: "application/json", status, headers)
    }

    /// `body` as `application/problem+json` (RFC 9457).
    static func problem(_ body: some Encodable, status: HTTPResponse.Status, headers: HTTPFields) throws -> Response {
        try encoded(body, as: "application/problem+json", status, headers)
    }

    package static var noContent: Response { Response(status: .noContent) }

    private static func encoded(_ body: some Encodable, as type: String, _ status: HTTPResponse.Status, _ headers: HTTPFields) throws -> Response {
        var headers = headers
        headers[.contentType] = type
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: try encoder.encode(body))))
    }

    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return encoder
    }()
}
