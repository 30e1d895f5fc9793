import Domain
import FoundationEssentials

/// What an access token says (RFC 9068 §2.2), with the session and tenant it is for.
struct AccessClaims: Codable, Sendable {
    let iss: String
    let aud: String
    let sub: String
    let clientID: String
    let iat: Int
    let nbf: Int
    let exp: Int
    let jti: String
    let sid: String
    /// Absent in a session that is in no tenant.
    let tenant: String?
    let authTime: Int

    enum CodingKeys: String, CodingKey {
        case iss, aud, sub, iat, nbf, exp, jti, sid, tenant
        case clientID = "client_id"
        case authTime = "auth_time"
    }
}

/// A session that an access token proved, before the database was asked about it.
struct VerifiedAccess: Sendable {
    let user: UserID
    let session: SessionID
    let tenant: TenantID?
}
