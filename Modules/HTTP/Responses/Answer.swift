import Crypto
import Domain
import FoundationEssentials
package import HTTPTypes
package import Hummingbird
import NIOCore

/// A JSON answer that isn't sent yet: the same is kept of it for a retry, where it has no secret.
package struct Answer: Sendable {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    let body: Data

    private init(_ body: Data, _ type: String, _ status: HTTPResponse.Status, _ headers: HTTPFields) {
        self.status = status
        self.body = body
        var headers = headers
        headers[.contentType] = type
        self.headers = headers
    }

    package static func json(_ body: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) throws -> Answer {
        Answer(try encoder.encode(body), "application/json", status, headers)
    }

    /// With the body's version as its `ETag`.
    package static func json(
        _ body: some Encodable & VersionedBody, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) throws -> Answer {
        var headers = headers
        headers[.eTag] = VersionTag.text(body.version)
        return Answer(try encoder.encode(body), "application/json", status, headers)
    }

    /// With an `ETag` of the content, the same on every node: for what is asked for again and again, and seldom changes.
    static func taggedJSON(_ body: some Encodable, headers: HTTPFields = [:]) throws -> Answer {
        let bytes = try sortingEncoder.encode(body)
        var headers = headers
        headers[.eTag] = "\"" + Base64URL.encode(Array(Array(SHA256.hash(data: bytes)).prefix(16))) + "\""
        return Answer(bytes, "application/json", .ok, headers)
    }

    /// `body` as `application/problem+json` (RFC 9457).
    static func problem(_ body: some Encodable, status: HTTPResponse.Status, headers: HTTPFields) throws -> Answer {
        Answer(try encoder.encode(body), "application/problem+json", status, headers)
    }

    /// An answer that was given before.
    init(_ kept: KeptAnswer) {
        var headers: HTTPFields = [.idempotentReplayed: "true"]
        headers[.location] = kept.location
        headers[.eTag] = kept.entityTag
        self.init(Data(kept.body.utf8), "application/json", .init(code: kept.status), headers)
    }

    var kept: KeptAnswer {
        KeptAnswer(
            status: status.code, location: headers[.location], entityTag: headers[.eTag], body: String(decoding: body, as: UTF8.self))
    }

    package var response: Response {
        Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return encoder
    }()

    private static let sortingEncoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return encoder
    }()
}

/// A body of something that has versions: every answer with one says which in its `ETag`.
package protocol VersionedBody {
    /// The version of what can be set.
    var version: Int { get }
}
