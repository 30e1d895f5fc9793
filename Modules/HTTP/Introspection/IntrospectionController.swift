package import Auth
import Domain
import FoundationEssentials
import Hummingbird

/// Whether a token is good, for services beside Tessera (RFC 7662).
package struct IntrospectionController: Sendable {
    private let introspection: Introspection

    package init(introspection: Introspection) { self.introspection = introspection }

    @Sendable func introspect(_ call: Call, _ asker: Introspection.Asker) async throws -> Response {
        var form = try await call.form()
        let token = form.string("token")
        _ = form.string("token_type_hint")
        let address = form.value("client_ip", expected: "an IPv4 or IPv6 address") { IPAddress($0) }
        if token == nil { form.fault("token", "required", "token is required.") }
        try form.finish()
        let description = try await introspection.introspect(token ?? "", from: address, as: asker)
        let namesTenant = if case .platform = asker { true } else { false }
        return try description.map { try .json(IntrospectionBody($0, namingTenant: namesTenant)) } ?? .json(InactiveBody())
    }
}

/// All that is said of a token that is no good, whatever the reason (RFC 7662 §2.2).
private struct InactiveBody: Encodable {
    let active = false
}

/// A live token (RFC 7662 §2.2).
private struct IntrospectionBody: Encodable {
    let active = true
    let scope: String
    let sub: String
    let jti: String
    let client_id: String
    let token_type = "Bearer"
    let iat: Int?
    let exp: Int?
    /// For the platform only: a tenant knows its own.
    let tenant_id: String?

    init(_ token: TokenDescription, namingTenant: Bool) {
        scope = token.scopes.map(\.description).joined(separator: " ")
        sub = token.subject.description
        jti = token.id.description
        client_id = token.id.description
        iat = token.issuedAt.map(Self.seconds)
        exp = token.expiresAt.map(Self.seconds)
        tenant_id = namingTenant ? token.tenant.description : nil
    }

    private static func seconds(_ time: Date) -> Int { Int(time.timeIntervalSince1970.rounded(.down)) }
}
