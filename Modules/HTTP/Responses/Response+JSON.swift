package import HTTPTypes
package import Hummingbird

extension Response {
    /// `body` as `application/json`.
    package static func json(_ body: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) throws -> Response {
        try Answer.json(body, status: status, headers: headers).response
    }

    /// With the body's version as its `ETag`.
    package static func json(
        _ body: some Encodable & VersionedBody, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) throws -> Response {
        try Answer.json(body, status: status, headers: headers).response
    }

    package static var noContent: Response { Response(status: .noContent) }
}
