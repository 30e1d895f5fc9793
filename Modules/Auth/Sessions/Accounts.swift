package import Domain
import FoundationEssentials

/// Sign up, log in, renew, log out. All functions throw ``Refusal``.
package struct Accounts: Sendable {
    private let store: any AccountStore
    private let passwords: PasswordHasher
    private let accessTokens: AccessTokens
    private let now: Now

    package init(store: any AccountStore, passwords: PasswordHasher, accessTokens: AccessTokens, now: @escaping Now) {
        self.store = store
        self.passwords = passwords
        self.accessTokens = accessTokens
        self.now = now
    }

    /// Makes a person with a tenant of their own, and logs them in.
    package func register(_ registration: Registration, device: Session.Device) async throws -> SessionGrant {
        let hash = try await passwords.hash(registration.password)
        let time = now().microseconds
        let user = User.Profile(id: .timeOrdered(at: time), email: registration.email.text, name: registration.name, emailVerified: false)
        var slug = registration.slug ?? Slug(derivedFrom: registration.tenantName)
        for _ in 0..<5 {
            let tenant = Tenant.Reference(id: .timeOrdered(at: time), slug: slug.text, name: registration.tenantName)
            let opened = try open(for: user.id, in: tenant.id, device, at: time)
            do {
                try await store.register(
                    NewAccount(user: user, passwordHash: hash, tenant: tenant, session: opened.session, refresh: opened.refresh))
                return try grant(user, tenant, .owner, opened)
            } catch let refusal as Refusal where refusal.code == .slugTaken && registration.slug == nil {
                slug = Slug(derivedFrom: registration.tenantName).disambiguated()
            }
        }
        throw Refusal(.slugTaken, "No free slug could be made of that name: give tenantSlug.")
    }

    /// Begins a session. Unknown, disabled, wrong and not a member take the same work and get the same answer.
    package func login(email: EmailAddress, password: String, tenant: String?, device: Session.Device) async throws -> SessionGrant {
        let candidate = try await store.loginCandidate(email, tenant: tenant)
        let isRight = try await passwords.verify(password, candidate?.passwordHash)
        guard isRight, let candidate, candidate.status == .active, let membership = candidate.membership, membership.tenantStatus != .deleted
        else {
            throw Refusal(.invalidCredentials, "The e-mail or the password is wrong.")
        }
        let opened = try open(for: candidate.user.id, in: membership.tenant.id, device, at: now().microseconds)
        try await store.open(opened.session, opened.refresh)
        return try grant(candidate.user, membership.tenant, membership.role, opened)
    }

    /// Trades a refresh token for a new pair, in the same tenant or in `tenant`.
    package func refresh(_ token: String, tenant: String?) async throws -> SessionGrant {
        guard let presented = RefreshTokenFormat.parse(token) else { throw Self.refused }
        let time = now().microseconds
        guard
            let (plain, successor) = RefreshTokenFormat.mint(
                .timeOrdered(at: time), session: presented.session, user: presented.user, expiresAt: time + Session.idleLifetime)
        else { throw Self.refused }
        switch try await store.rotate(presented, successor: successor, tenant: tenant, at: time) {
        case .rotated(let user, let membership, let authenticatedAt):
            let access = try accessTokens.issue(
                for: user.id, session: presented.session, tenant: membership.tenant.id, authenticatedAt: authenticatedAt)
            return SessionGrant(
                accessToken: access, expiresIn: AccessTokens.lifetime, refreshToken: plain, user: user, tenant: membership.tenant,
                role: membership.role)
        case .superseded:
            throw Refusal(.refreshSuperseded, "This refresh token was traded a moment ago: use the one you got for it.")
        case .reused, .refused: throw Self.refused
        }
    }

    /// Ends the session that `principal` is proven by.
    package func logout(_ principal: Principal) async throws {
        guard let session = principal.session else { throw Refusal(.sessionRequired, "Only a session can be logged out.") }
        try await store.end(session.id, of: principal.user.id, at: now().microseconds)
    }

    private static var refused: Refusal { Refusal(.invalidToken, "The refresh token is unknown, expired or used: log in again.") }

    private struct Opened {
        let session: Session
        let refresh: RefreshToken
        let plain: PlainToken
    }

    private func open(for user: UserID, in tenant: TenantID, _ device: Session.Device, at time: Date) throws -> Opened {
        let session = Session(
            id: .timeOrdered(at: time), user: user, tenant: tenant, createdAt: time, authenticatedAt: time,
            expiresAt: time + Session.absoluteLifetime, device: device)
        guard
            let (plain, refresh) = RefreshTokenFormat.mint(
                .timeOrdered(at: time), session: session.id, user: user, expiresAt: time + Session.idleLifetime)
        else { throw Refusal.unavailable("no refresh token could be made") }
        return Opened(session: session, refresh: refresh, plain: plain)
    }

    private func grant(_ user: User.Profile, _ tenant: Tenant.Reference, _ role: Role, _ opened: Opened) throws -> SessionGrant {
        let access = try accessTokens.issue(
            for: user.id, session: opened.session.id, tenant: tenant.id, authenticatedAt: opened.session.authenticatedAt)
        return SessionGrant(
            accessToken: access, expiresIn: AccessTokens.lifetime, refreshToken: opened.plain, user: user, tenant: tenant, role: role)
    }
}
