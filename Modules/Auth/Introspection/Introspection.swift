package import Domain
package import FoundationEssentials

/// Tells a service beside Tessera what a token is worth at this moment (RFC 7662).
package struct Introspection: Sendable {
    private let authenticator: Authenticator

    package init(authenticator: Authenticator) { self.authenticator = authenticator }

    /// Who asks: the tenant's own service about its tokens, or the platform's about everybody's.
    package enum Asker: Sendable {
        case tenant(Principal)
        case platform(IntrospectorID)
    }

    /// What `text` is worth to `asker`; nil: nothing, whatever the reason. A session's token is none of these.
    ///
    /// - Parameter address: where the token was used; a token that is bound to networks is worth nothing without.
    /// Throws ``ErrorCode/serviceUnavailable`` where that can't be found out: never a guess.
    package func introspect(_ text: String, from address: IPAddress?, as asker: Asker) async throws -> TokenDescription? {
        let tenant = try authenticator.tenant(of: text)
        if case .tenant(let principal) = asker {
            try principal.require(.introspect)
            guard tenant == principal.tenant.id else { return nil }
        }
        guard tenant != nil else { return nil }
        switch await authenticator.authenticate(text, from: address).outcome {
        case .success(.principal(let owner)): return TokenDescription(owner)
        case .success(.person): return nil
        case .failure(let refusal):
            if refusal.code == .serviceUnavailable { throw refusal }
            return nil
        }
    }
}

/// A live token, as other services need to know it.
package struct TokenDescription: Sendable {
    package let id: TokenID
    package let tenant: TenantID
    package let subject: SubjectID
    /// What it may now.
    package let scopes: [Scope]
    package let issuedAt: Date?
    package let expiresAt: Date?

    init?(_ principal: Principal) {
        guard let token = principal.token else { return nil }
        id = token.id
        tenant = principal.tenant.id
        subject = principal.subject.id
        scopes = principal.scopes
        issuedAt = token.issuedAt
        expiresAt = token.breadth.expiresAt
    }
}
