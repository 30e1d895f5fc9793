import Domain
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

extension Call {
    /// The most that a body may hold, in bytes.
    static let bodyLimit = 64 * 1024

    /// The body as a JSON object whose members are asked for by name. Throws ``Refusal``: 413, 415, 400 for what is no JSON,
    /// 422 for JSON that is no object.
    package func body() async throws -> BodyReader {
        guard let body = try await optionalBody() else {
            throw Refusal(.malformedRequest, "The request needs a JSON object as its body.")
        }
        return body
    }

    /// Like ``body()``, for requests that may come without any: nil then.
    package func optionalBody() async throws -> BodyReader? {
        let bytes = try await bytes()
        if bytes.isEmpty { return nil }
        guard isType("application/json") else {
            throw Refusal(.unsupportedMediaType, "The body must be sent as Content-Type: application/json.")
        }
        guard let value = try? Self.decoder.decode(JSONValue.self, from: Data(bytes)) else {
            throw Refusal(.malformedRequest, "The body is not valid JSON.")
        }
        guard case .object(let members) = value else {
            throw Refusal.invalid([FieldFault("", "wrong_type", "The body must be a JSON object, not \(value.kind).")])
        }
        return BodyReader(members)
    }

    /// The body as a form (`application/x-www-form-urlencoded`), whose members are asked for by name. Throws ``Refusal``: 413, 415, 400.
    func form() async throws -> QueryReader {
        let bytes = try await bytes()
        guard isType("application/x-www-form-urlencoded") else {
            throw Refusal(.unsupportedMediaType, "The body must be sent as Content-Type: application/x-www-form-urlencoded.")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Refusal(.malformedRequest, "The body is not valid UTF-8.")
        }
        return QueryReader(text)
    }

    /// For requests that need none: there may be an empty object, and nothing else.
    package func requireEmptyBody() async throws { try await optionalBody()?.finish() }

    /// Throws ``ErrorCode/contentTooLarge`` past ``bodyLimit``.
    func bytes() async throws -> [UInt8] {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > Self.bodyLimit { throw Self.tooLarge }
        var bytes: [UInt8] = []
        for try await part in request.body {
            guard bytes.count + part.readableBytes <= Self.bodyLimit else { throw Self.tooLarge }
            bytes.append(contentsOf: part.readableBytesView)
        }
        return bytes
    }

    private func isType(_ wanted: String) -> Bool {
        guard let type = request.headers[.contentType] else { return false }
        return type.prefix { $0 != ";" }.trimmingPrefix(" ").lowercased().filter { $0 != " " } == wanted
    }

    private static var tooLarge: Refusal { Refusal(.contentTooLarge, "The body is larger than \(bodyLimit) bytes.") }

    private static let decoder = JSONDecoder()
}
