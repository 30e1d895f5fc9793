import Domain
import HTTP
import HTTPTypes
import Hummingbird

/// What a tenant's foreign tokens may begin with.
package struct TokenPrefixesController: Sendable {
    private let prefixes: PlatformPrefixes

    package init(prefixes: PlatformPrefixes) { self.prefixes = prefixes }

    @Sendable func show(_ call: Call, _ person: Person) async throws -> Response {
        try QueryReader(call.request.uri.query).finish()
        return try .json(TokenPrefixBody(try await prefixes.prefix(of: try call.id("id"), as: person)))
    }

    @Sendable func grant(_ call: Call, _ person: Person) async throws -> Response {
        let id = try call.id("id", of: Tenant.self)
        var body = try await call.body()
        let text = body.requiredExactString("prefix", ForeignPrefix.textBounds)
        let length = body.integer("length", ForeignPrefix.lengthBounds)
        if length == nil, body.faults.allSatisfy({ $0.pointer != "/length" }) { body.fault("length", "required", "length is required.") }
        let alphabet = body.requiredExactString("alphabet", ForeignPrefix.alphabetBounds)
        try body.finish()
        guard let text, let length, let alphabet else { throw Refusal.invalid(body.faults) }
        let prefix = ForeignPrefix(text: text, length: length, alphabet: alphabet)
        return try .json(TokenPrefixBody(try await prefixes.grant(prefix, to: id, as: person, from: call.origin)))
    }

    @Sendable func withdraw(_ call: Call, _ person: Person) async throws -> Response {
        try await prefixes.withdraw(from: try call.id("id"), as: person, from: call.origin)
        return .noContent
    }
}

/// What a tenant was granted; null: nothing.
struct TokenPrefixBody: Encodable, Sendable {
    private let tokenPrefix: Grant?

    struct Grant: Encodable, Sendable {
        let prefix: String
        let length: Int
        let alphabet: String
        let grantedAt: String
    }

    init(_ granted: GrantedPrefix?) {
        tokenPrefix = granted.map {
            Grant(prefix: $0.prefix.text, length: $0.prefix.length, alphabet: $0.prefix.alphabet, grantedAt: RFC3339.format($0.grantedAt))
        }
    }

    private enum Key: String, CodingKey { case tokenPrefix }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        // Not only if present: a member that is null is there.
        try container.encode(tokenPrefix, forKey: .tokenPrefix)
    }
}
