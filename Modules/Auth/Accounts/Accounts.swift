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
            return try issuer.grant(draft, to: user, in: Membership(tenant: tenant, tenantStatus: .active, role: .owner))
        }
    }

    /// Begins a session: in the tenant asked for, or in the one last used, or in none for who is in none. Unknown, disabled, wrong and
    /// not a member take the same work and get the same answer.
    package func login(_ login: Login, from origin: Origin) async throws -> SessionGrant {
        let shown = login.deviceToken.flatMap(DeviceTokenFormat.parse)
        let candidate = try await store.loginCandidate(login.email, tenant: login.tenant, device: shown, from: origin.ipAddress)
        let device = candidate?.knowsDevice == true ? shown : nil
        let attempt = try await loginGuard.reserve(Self.guesser(login, device, candidate, origin), at: now())
        let isRight = try await passwords.verify(login.password, candidate?.passwordHash)
        let time = now().microseconds
        guard isRight, let candidate, candidate.status == .active, candidate.membership != nil || login.tenant == nil else {
            try await store.refuse(
                AuditEntry(.loginFailed, of: candidate.map { .user($0.user.id) } ?? .unknownAccount, by: .anonymous, from: origin, at: time))
            throw Self.wrong
        }
        let membership = candidate.membership
        let draft = try issuer.draft(for: candidate.user.id, in: membership?.tenant.id, from: origin, at: time)
        var opening = SessionOpening(
            session: draft.session, refresh: draft.refresh, provenHash: candidate.passwordHash,
            audit: AuditEntry(.userLoggedIn, of: .session(draft.session.id), by: .user(candidate.user.id), from: origin, at: time))
        opening.device = draft.device
        opening.replacedDevice = device?.id
        opening.attempt = attempt
        if passwords.isOutdated(candidate.passwordHash) {
            opening.rehashed = (try await passwords.hash(login.password), candidate.passwordHash)
        }
        guard try await store.open(opening) else { throw Self.wrong }
        return try issuer.grant(draft, to: candidate.user, in: membership)
    }

    /// Proves again that the person at this session knows the password: a new, fresh session takes its place.
    package func reauthenticate(_ person: Person, password: String, from origin: Origin) async throws -> SessionGrant {
        let tenant = person.membership?.tenant.id
        guard let email = EmailAddress(person.profile.email),
            let candidate = try await store.loginCandidate(email, tenant: tenant?.description, device: nil, from: nil), candidate.user.id == person.id
        else { throw Refusal.wrongPassword }
        // A session that lives has guesses of its own: strangers can't use them up.
        let attempt = try await loginGuard.reserve(.session(person.session.id), at: now())
        guard try await passwords.verify(password, candidate.passwordHash) else { throw Refusal.wrongPassword }
        let time = now().microseconds
        let draft = try issuer.draft(for: person.id, in: tenant, from: origin, at: time)
        var opening = SessionOpening(
            session: draft.session, refresh: draft.refresh, provenHash: candidate.passwordHash,
            audit: AuditEntry(.userReauthenticated, of: .session(draft.session.id), by: .user(person.id), from: origin, at: time))
        opening.device = draft.device
        opening.replacedSession = person.session.id
        opening.attempt = attempt
        guard try await store.open(opening) else { throw Refusal.wrongPassword }
        return try issuer.grant(draft, to: person.profile, in: person.membership)
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
                presented.session, plain, to: user, in: membership, authenticatedAt: authenticatedAt)
        case .superseded:
            throw Refusal(.refreshSuperseded, "This refresh token was traded a moment ago: use the one you got for it.")
        case .reused, .refused: throw Self.refused
        }
    }

    /// Ends the session that the person is at.
    package func logout(_ person: Person, from origin: Origin) async throws {
        try await store.end(
            person.session.id, of: person.id, ending(person.session.id, of: person.id, from: origin), in: person.realm)
    }

    /// Ends the session of a refresh token, used or not, for who has nothing else left. What isn't one ends nothing.
    package func logout(by token: String, from origin: Origin) async throws {
        guard let presented = RefreshTokenFormat.parse(token) else { return }
        try await store.end(presented, ending(presented.session, of: presented.user, from: origin))
    }

    private func ending(_ session: SessionID, of user: UserID, from origin: Origin) -> AuditEntry {
        AuditEntry(.sessionEnded, of: .session(session), by: .user(user), from: origin, at: now().microseconds, changes: ["reason": "logout"])
    }

    /// Whose guesses a login counts among: a device that the account knows and an address that has just reset the password have their own.
    private static func guesser(_ login: Login, _ device: DeviceToken?, _ candidate: LoginCandidate?, _ origin: Origin) -> LoginGuard.Subject {
        if let device { return .device(device) }
        if let candidate, candidate.hasResetFromHere, let address = origin.ipAddress { return .resetter(candidate.user.id, address) }
        return .account(login.email)
    }

    private static var wrong: Refusal { Refusal(.invalidCredentials, "The e-mail or the password is wrong.") }

    private static var refused: Refusal { Refusal(.invalidToken, "The refresh token is unknown, expired or used: log in again.") }
}

extension Refusal {
    static var wrongPassword: Refusal { Refusal(.invalidCredentials, "The password is wrong.") }
}
