import Domain
import FoundationEssentials
import Postgres

/// A registered person with their tenant and first session.
struct Account: Sendable {
    let user: User.Profile
    let tenant: Tenant.Reference
    let session: Session
    let refresh: RefreshToken

    var tenantID: TenantID { tenant.id }
    var owner: APIToken.Owner { APIToken.Owner(id: .user(user.id), name: user.name) }
    var maker: APIToken.Maker { APIToken.Maker(id: user.id, name: user.name) }

    static let passwordHash = "$scrypt$ln=15,r=8,p=3$c2FsdA$aGFzaA"

    /// What registration stores, with an e-mail and slug nobody else has.
    static func new(email: String? = nil, slug: String? = nil, at time: Date = Moment.now) -> NewAccount {
        let user = UserID(UUID())
        let tenant = TenantID(UUID())
        let mark = UUID().lowercased.prefix(8)
        let session = Session.sample(of: user, in: tenant, at: time)
        return NewAccount(
            user: .init(id: user, email: email ?? "ada-\(mark)@example.org", name: "Ada \(mark)", emailVerified: false),
            passwordHash: passwordHash,
            tenant: .init(id: tenant, slug: slug ?? "acme-\(mark)", name: "Acme \(mark)"),
            session: session, refresh: .sample(of: session, at: time),
            device: DeviceToken(user: user, id: UUID(), hash: .random, expiresAt: time + DeviceToken.lifetime),
            mail: OutgoingMail(.emailConfirmation, to: email ?? "ada-\(mark)@example.org", about: user.uuid, at: time),
            audit: AuditEntry(.userRegistered, of: .user(user), by: .user(user), from: .sample, at: time))
    }
}

extension Origin {
    static let sample = Origin(ipAddress: IPAddress("203.0.113.7"), userAgent: "curl/8.5", requestID: UUID())
}

extension Stores {
    /// Registers somebody new.
    func register(at time: Date = Moment.now) async throws -> Account {
        let account = Account.new(at: time)
        try await accounts.register(account)
        return Account(user: account.user, tenant: account.tenant, session: account.session, refresh: account.refresh)
    }

    /// Makes `person` a member of another's tenant.
    func join(_ person: User.Profile, _ tenant: TenantID, as role: Role = .member, at time: Date = Moment.now) async throws {
        _ = try await superuser.query(
            """
            INSERT INTO tessera.memberships (tenant_id, user_id, role, name, email, joined_at)
            VALUES (\(tenant.uuid), \(person.id.uuid), \(role.rawValue), \(person.name), \(person.email), \(time))
            """)
    }

    /// How many rows the superuser counts.
    func count(_ table: String, where condition: SQL) async throws -> Int {
        try await superuser.query("SELECT count(*) FROM tessera.\(identifier: table) WHERE \(condition)").decode(Int.self)[0]
    }
}

extension Session {
    static func sample(of user: UserID, in tenant: TenantID, at time: Date = Moment.now, lifetime: TimeInterval = absoluteLifetime) -> Session {
        Session(
            id: SessionID(UUID()), user: user, tenant: tenant, createdAt: time, authenticatedAt: time, expiresAt: time + lifetime,
            device: .init(ipAddress: IPAddress("203.0.113.7"), userAgent: "curl/8.5"))
    }
}

extension RefreshToken {
    /// A new secret of `session`, good for the idle lifetime from `time` on.
    static func sample(of session: Session, at time: Date = Moment.now, lifetime: TimeInterval = Session.idleLifetime) -> RefreshToken {
        RefreshToken(id: RefreshTokenID(UUID()), session: session.id, user: session.user, hash: .random, expiresAt: time + lifetime)
    }
}

extension HashedToken {
    static var random: HashedToken { HashedToken(bytes: (0..<32).map { _ in .random(in: 0...255) })! }
}
