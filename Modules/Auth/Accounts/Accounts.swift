package import Domain
import FoundationEssentials

/// Sign up, log in, renew, log out. All functions throw ``Refusal``.
package struct Accounts: Sendable {
    private let store: any AccountStore
    private let passwords: PasswordHasher
    private let issuer: SessionIssuer
    private let loginGuard: LoginGuard
    private let now: Now

    package init(store: any AccountStore, passwords: PasswordHasher, issuer: SessionIssuer, loginGuard: LoginGuard, now: @escaping Now) {
        self.store = store
        self.passwords = passwords
        self.issuer = issuer
        self.loginGuard = loginGuard
        self.now = now
    }

    /// Makes a person with a tenant of their own, mails them for the confirmation of their address, and logs them in.
    package func register(_ registration: Registration, from origin: Origin) async throws -> SessionGrant {
        let hash = try await passwords.hash(registration.password)
        let time = now().microseconds
        let user = User.Profile(id: .timeOrdered(at: time), email: registration.email.text, name: registration.name, emailVerified: false)
        return try await Slug.claim(registration.slug, for: registration.tenantName, member: "tenantSlug") { slug in
            let tenant = Tenant.Reference(id: .timeOrdered(at: time), slug: slug.text, name: registration.tenantName)
            let draft = try issuer.draft(for: user.id, in: tenant.id, from: origin, at: time)
            try await store.register(
                NewAccount(
                    user: user, passwordHash: hash, tenant: tenant, session: draft.session, refresh: draft.refresh, device: draft.device,
                    mail: OutgoingMail(.emailConfirmation, to: user.email, about: user.id.uuid, at: time),
                    audit: AuditEntry(.userRegistered, of: .user(user.id), by: .user(user.id), from: origin, at: time)))
            return try issuer.grant(draft, to: user, in: tenant, as: .owner)
        }
    }

    /// Begins a session. Unknown, disabled, wrong and not a member take the same work and get the same answer.
    package func login(_ login: Login, from origin: Origin) async throws -> SessionGrant {
        let shown = login.deviceToken.flatMap(DeviceTokenFormat.parse)
        let candidate = try await store.loginCandidate(login.email, tenant: login.tenant, device: shown)
        let device = candidate?.knowsDevice == true ? shown : nil
        let attempt = try await loginGuard.reserve(device.map { .device($0) } ?? .account(login.email), at: now())
        let isRight = try await passwords.verify(login.password, candidate?.passwordHash)
        guard isRight, let candidate, candidate.status == .active, let membership = candidate.membership, membership.tenantStatus != .deleted
        else {
            throw Refusal(.invalidCredentials, "The e-mail or the password is wrong.")
        }
        let time = now().microseconds
        let draft = try issuer.draft(for: candidate.user.id, in: membership.tenant.id, from: origin, at: time)
        var opening = SessionOpening(
            session: draft.session, refresh: draft.refresh,
            audit: AuditEntry(.userLoggedIn, of: .session(draft.session.id), by: .user(candidate.user.id), from: origin, at: time))
        opening.device = draft.device
        opening.replacedDevice = device?.id
        opening.attempt = attempt
        if passwords.isOutdated(candidate.passwordHash) {
            opening.rehashed = (try await passwords.hash(login.password), candidate.passwordHash)
        }
        try await store.open(opening)
        return try issuer.grant(draft, to: candidate.user, in: membership.tenant, as: membership.role)
    }

    /// Proves again that the person at this session knows the password: a new, fresh session takes its place.
    package func reauthenticate(_ principal: Principal, password: String, from origin: Origin) async throws -> SessionGrant {
        let current = try principal.requireSession()
        guard let email = EmailAddress(principal.user.email),
            let candidate = try await store.loginCandidate(email, tenant: principal.tenant.id.description, device: nil),
            candidate.user.id == principal.user.id
        else { throw Refusal.wrongPassword }
        // A session that lives has guesses of its own: strangers can't use them up.
        let attempt = try await loginGuard.reserve(.session(current.id), at: now())
        guard try await passwords.verify(password, candidate.passwordHash) else { throw Refusal.wrongPassword }
        let time = now().microseconds
        let draft = try issuer.draft(for: principal.user.id, in: principal.tenant.id, from: origin, at: time)
        var opening = SessionOpening(
            session: draft.session, refresh: draft.refresh,
            audit: AuditEntry(.userReauthenticated, of: .session(draft.session.id), by: .user(principal.user.id), from: origin, at: time))
        opening.device = draft.device
        opening.replacedSession = current.id
        opening.attempt = attempt
        try await store.open(opening)
        return try issuer.grant(draft, to: principal.user, in: principal.tenant, as: principal.role)
    }

    /// Trades a refresh token for a new pair, in the same tenant or in `tenant`.
    package func refresh(_ token: String, tenant: String?, from origin: Origin) async throws -> SessionGrant {
        guard let presented = RefreshTokenFormat.parse(token) else { throw Self.refused }
        let time = now().microseconds
        guard
            let (plain, successor) = RefreshTokenFormat.mint(
                .timeOrdered(at: time), session: presented.session, user: presented.user, expiresAt: time + Session.idleLifetime)
        else { throw Self.refused }
        switch try await store.rotate(presented, successor: successor, tenant: tenant, from: origin, at: time) {
        case .rotated(let user, let membership, let authenticatedAt):
            return try issuer.grant(
                presented.session, plain, to: user, in: membership.tenant, as: membership.role, authenticatedAt: authenticatedAt)
        case .superseded:
            throw Refusal(.refreshSuperseded, "This refresh token was traded a moment ago: use the one you got for it.")
        case .reused, .refused: throw Self.refused
        }
    }

    /// Ends the session that `principal` is proven by.
    package func logout(_ principal: Principal, from origin: Origin) async throws {
        let session = try principal.requireSession()
        let audit = AuditEntry(
            .sessionEnded, of: .session(session.id), by: .user(principal.user.id), from: origin, at: now().microseconds, changes: ["reason": "logout"]
        )
        try await store.end(session.id, of: principal.user.id, audit, in: principal.tenant.id)
    }

    private static var refused: Refusal { Refusal(.invalidToken, "The refresh token is unknown, expired or used: log in again.") }
}

extension Refusal {
    static var wrongPassword: Refusal { Refusal(.invalidCredentials, "The password is wrong.") }
}
