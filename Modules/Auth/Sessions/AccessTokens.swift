package import Domain
import FoundationEssentials

/// Issues and checks the short-lived tokens of sessions.
package struct AccessTokens: Sendable {
    private let ring: KeyRing
    private let issuer: String
    private let now: Now

    /// Seconds that an access token lives.
    package static let lifetime = 900
    /// Seconds that another node's clock may be ahead.
    private static let leeway = 5
    private static let audience = "tessera-api"

    package init(ring: KeyRing, issuer: String, now: @escaping Now) {
        self.ring = ring
        self.issuer = issuer
        self.now = now
    }

    /// A token for that session in that tenant, or in none.
    func issue(for user: UserID, session: SessionID, tenant: TenantID?, authenticatedAt: Date) throws -> PlainToken {
        let time = now()
        let seconds = Int(time.timeIntervalSince1970.rounded(.down))
        let claims = AccessClaims(
            iss: issuer, aud: Self.audience, sub: user.description, clientID: "web", iat: seconds, nbf: seconds,
            exp: seconds + Self.lifetime, jti: UUID.v7(at: time).lowercased, sid: session.description, tenant: tenant?.description,
            authTime: Int(authenticatedAt.timeIntervalSince1970.rounded(.down)))
        return PlainToken(try JWS.sign(claims, with: ring.keys))
    }

    /// The session that `text` proves, or nil. Whether that session still lives is the database's to say.
    func verify(_ text: String) -> VerifiedAccess? {
        guard let claims = JWS.verify(text, as: AccessClaims.self, with: ring.keys) else { return nil }
        let seconds = now().timeIntervalSince1970
        guard claims.iss == issuer, claims.aud == Self.audience, seconds < Double(claims.exp),
            Double(claims.nbf) <= seconds + Double(Self.leeway), Double(claims.iat) <= seconds + Double(Self.leeway),
            claims.exp - claims.iat <= Self.lifetime,
            let user = UserID(claims.sub), let session = SessionID(claims.sid)
        else { return nil }
        let tenant = claims.tenant.flatMap { TenantID($0) }
        guard (tenant == nil) == (claims.tenant == nil) else { return nil }
        return VerifiedAccess(user: user, session: session, tenant: tenant)
    }
}
