package import Domain
import FoundationEssentials

/// Finds out who is behind a credential: an API token or a session's access token, and nothing else.
///
/// What isn't proven gets one answer for all cases. What can't be found out is 503, never a guess.
package struct Authenticator: Sendable {
    private let credentials: any CredentialStore
    private let lookups: TokenLookups
    private let accessTokens: AccessTokens
    private let foreign: ForeignTokens
    private let features: any FeatureFlags
    private let log: any SecurityLog
    private let now: Now

    /// - Parameter lookups: one for all of a process, so that they know what the others learnt.
    package init(
        credentials: any CredentialStore, lookups: TokenLookups, accessTokens: AccessTokens, foreign: ForeignTokens,
        features: any FeatureFlags, log: any SecurityLog, now: @escaping Now
    ) {
        self.credentials = credentials
        self.lookups = lookups
        self.accessTokens = accessTokens
        self.foreign = foreign
        self.features = features
        self.log = log
        self.now = now
    }

    /// - Parameter address: where the request comes from; nil where that isn't known, which is in no network.
    package func authenticate(_ bearer: String, from address: IPAddress?) async -> Authentication {
        do {
            if let token = APITokenFormat.parse(bearer) {
                let answer = try await lookups.find(token) {
                    try await presented(credentials.token(token.id, of: token.kind, in: token.tenant), token.hash)
                }
                return authentication(answer, address)
            }
            if let access = accessTokens.verify(bearer) { return Authentication(provenToken: nil, outcome: try await session(access)) }
            if let token = try foreign.parse(bearer) {
                let answer = try await lookups.find(token) {
                    try await presented(credentials.importedToken(token.hash, under: token.prefix, in: token.tenant), token.hash)
                }
                return authentication(answer, address)
            }
            return Self.unproven
        } catch let refusal as Refusal {
            return Authentication(provenToken: nil, outcome: .failure(refusal))
        } catch {
            return Authentication(provenToken: nil, outcome: .failure(.unavailable("verification: \(String(reflecting: error))")))
        }
    }

    // MARK: API tokens

    /// The tenant whose API token `text` would be, by its form alone; nil: it has the form of none.
    ///
    /// Throws ``ErrorCode/serviceUnavailable`` where that can't be told.
    func tenant(of text: String) throws(Refusal) -> TenantID? {
        if let token = APITokenFormat.parse(text) { return token.tenant }
        return try foreign.parse(text)?.tenant
    }

    private func authentication(_ answer: TokenLookups.Answer, _ address: IPAddress?) -> Authentication {
        switch answer {
        case .found(let presented):
            guard let secret = presented.secret else { return Self.unproven }
            let stored = presented.stored
            return Authentication(
                provenToken: ProvenToken(tenant: stored.tenant.id, id: stored.id, secret: secret), outcome: judge(stored, secret, address))
        case .missed(.turnedAway):
            return Authentication(
                provenToken: nil, outcome: .failure(.unavailable("too many unknown token ids are being looked up")), miss: .turnedAway)
        case .missed(let miss):
            return Authentication(provenToken: nil, outcome: Self.unproven.outcome, miss: miss)
        }
    }

    private func presented(_ stored: StoredToken?, _ hash: HashedToken) async throws -> PresentedToken? {
        guard let stored else { return nil }
        return PresentedToken(stored: stored, secret: try await secret(hash, stored))
    }

    /// Which of the token's secrets was shown; nil: none. The earlier ones are looked up only for what isn't the current one.
    private func secret(_ hash: HashedToken, _ stored: StoredToken) async throws -> TokenSecret? {
        if stored.hash.matches(hash) { return .current }
        return try await credentials.earlierSecret(hash, of: stored.id, in: stored.tenant.id).map { $0 > now() ? .replaced : .ended }
    }

    /// The state of a proven token: only its holder hears which of these it is.
    private func judge(_ stored: StoredToken, _ secret: TokenSecret, _ address: IPAddress?) -> Result<Caller, Refusal> {
        func refused(_ reason: SecurityEvent.RefusalReason, _ detail: String) -> Result<Caller, Refusal> {
            log.record(.tokenRefused(stored.id, stored.tenant.id, reason))
            return .failure(Refusal(.invalidToken, detail))
        }
        if stored.isRevoked { return refused(.revoked, "The access token was revoked.") }
        if secret == .ended { return refused(.replaced, "The access token's secret was replaced by another.") }
        if let expiresAt = stored.breadth.expiresAt, expiresAt <= now() { return refused(.expired, "The access token expired.") }
        if !stored.isActive { return refused(.inactive, "The access token is switched off.") }
        guard stored.isOwnerActive else { return refused(.ownerDisabled, "The access token's owner is disabled.") }
        guard let role = stored.role, stored.tenantStatus != .deleted else {
            return refused(.ownerRemoved, "The access token's owner is no longer a member.")
        }
        if stored.tenantStatus == .suspended {
            log.record(.tokenRefused(stored.id, stored.tenant.id, .tenantSuspended))
            return .failure(.tenantSuspended)
        }
        guard features.evaluation(of: .apiTokens, for: stored.tenant.id).isEnabled else {
            log.record(.tokenRefused(stored.id, stored.tenant.id, .featureDisabled))
            return .failure(.disabled(.apiTokens))
        }
        guard stored.breadth.networks.isEmpty || address.map(stored.breadth.networks.contain) == true else {
            return .failure(networkRefused(stored))
        }
        if let policy = stored.policy {
            if let violation = policy.violations(of: stored.facts, at: now()).first {
                return refused(.policy, "The tenant's token policy takes this access token no more (\(violation.rawValue)).")
            }
            guard policy.networks.isEmpty || address.map(policy.networks.contain) == true else { return .failure(networkRefused(stored)) }
        }
        let proof = TokenProof(
            id: stored.id, breadth: stored.breadth, secret: secret, ceiling: stored.policy?.ceiling(of: role), issuedAt: stored.facts.createdAt)
        return .success(.principal(Principal(tenant: stored.tenant, subject: stored.owner, role: role, credential: .apiToken(proof))))
    }

    private func networkRefused(_ stored: StoredToken) -> Refusal {
        log.record(.tokenRefused(stored.id, stored.tenant.id, .networkNotAllowed))
        return Refusal(.networkNotAllowed, "The access token may not be used from this network.")
    }

    // MARK: Sessions

    private func session(_ access: VerifiedAccess) async throws -> Result<Caller, Refusal> {
        guard let stored = try await credentials.session(access.session, of: access.user, in: access.tenant), !stored.isRevoked,
            stored.expiresAt > now(), stored.userStatus == .active, stored.membership?.tenantStatus != .deleted
        else { return .failure(Refusal(.invalidToken, "The session has ended: log in again.")) }
        let proof = SessionProof(id: access.session, authenticatedAt: stored.authenticatedAt, isPlatformAdmin: stored.isPlatformAdmin)
        guard let membership = stored.membership, membership.tenantStatus == .active else {
            return .success(.person(Person(profile: stored.user, session: proof, membership: stored.membership)))
        }
        return .success(
            .principal(
                Principal(tenant: membership.tenant, subject: .person(stored.user), role: membership.role, credential: .session(proof))))
    }

    private static var unproven: Authentication {
        Authentication(
            provenToken: nil, outcome: .failure(Refusal(.invalidToken, "The access token is unknown, malformed or no longer valid.")))
    }
}
