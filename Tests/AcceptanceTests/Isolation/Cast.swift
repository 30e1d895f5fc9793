import Foundation
import Postgres
import Support

/// The people of the access matrix, made past the API so that there can be many: one of each role in one tenant, a platform
/// administrator and another owner with tenants of their own. Each has a session and a token of each coarse scope.
struct Cast {
    let people: [Player]

    struct Player {
        let kind: Kind
        let user: String
        let tenant: String
        let session: String
        /// By scope. A viewer's have scopes that were fine before they became one.
        let tokens: [String: String]

        /// How the caller proves who they are.
        func credential(_ kind: CredentialKind) -> String? {
            switch kind {
            case .session: session
            case .read, .write, .admin: tokens[kind.rawValue]
            }
        }
    }

    enum Kind: String, CaseIterable {
        case viewer, member, admin, owner, platformAdmin, otherOwner

        var isOutside: Bool { self == .platformAdmin || self == .otherOwner }
    }

    enum CredentialKind: String, CaseIterable {
        case read, write, admin, session
    }

    static let password = "correct horse battery"

    init(_ api: RunningAPI, _ connection: PostgresConnection) async throws {
        let hash = try await Self.passwordHash(api, connection)
        let home = try await Self.tenant(connection)
        // Whoever leaves must not be the last owner.
        for tenant in [home] { _ = try await Self.member(of: tenant, "owner", hash, connection) }
        var people: [Player] = []
        try await api.grantPrefix("t_\(home.prefix(18))_", to: home)
        for kind in Kind.allCases {
            let tenant = kind.isOutside ? try await Self.tenant(connection) : home
            if kind.isOutside { try await api.grantPrefix("t_\(tenant.prefix(18))_", to: tenant) }
            if kind.isOutside { _ = try await Self.member(of: tenant, "owner", hash, connection) }
            let (user, email) = try await Self.member(of: tenant, "owner", hash, connection)
            let login = try await api.post("/api/v1/auth/login", #"{"email":"\#(email)","password":"\#(Self.password)"}"#)
            let session = try login.accessToken
            var tokens: [String: String] = [:]
            for scope in ["read", "write", "admin"] {
                let made = try await api.post(
                    "/api/v1/tokens", #"{"name":"\#(scope)","scopes":["\#(scope)","self:rotate"],"expiresInDays":60}"#, as: session)
                tokens[scope] = made.body.token.string
            }
            if !kind.isOutside {
                _ = try await connection.query("UPDATE tessera.memberships SET role = \(kind.rawValue) WHERE user_id = \(user)::text::uuid")
            }
            if kind == .platformAdmin {
                _ = try await connection.query("UPDATE tessera.users SET is_platform_admin = true WHERE id = \(user)::text::uuid")
            }
            people.append(Player(kind: kind, user: user, tenant: tenant, session: session, tokens: tokens))
        }
        self.people = people
    }

    /// The hash of ``password``, which takes a while to make.
    private static func passwordHash(_ api: RunningAPI, _ connection: PostgresConnection) async throws -> String {
        let select: SQL = "SELECT password_hash FROM tessera.users WHERE email = 'first@example.com'"
        if let hash = try await connection.query(select).decode(String.self).first { return hash }
        _ = try await api.post(
            "/api/v1/auth/register", #"{"email":"first@example.com","password":"\#(password)","name":"first","tenantName":"first"}"#)
        return try await connection.query(select).decode(String.self)[0]
    }

    static func tenant(_ connection: PostgresConnection) async throws -> String {
        let id = UUID().uuidString.lowercased()
        _ = try await connection.query(
            """
            INSERT INTO tessera.tenants (id, slug, name, created_at, updated_at)
            VALUES (\(id)::text::uuid, \("t-" + String(id.prefix(18))), 'Acme', now(), now())
            """)
        return id
    }

    static func user(_ hash: String, _ connection: PostgresConnection) async throws -> (id: String, email: String) {
        let id = UUID().uuidString.lowercased()
        let email = "\(id)@example.com"
        _ = try await connection.query(
            """
            INSERT INTO tessera.users (id, email, name, password_hash, created_at, updated_at)
            VALUES (\(id)::text::uuid, \(email), 'somebody', \(hash), now(), now())
            """)
        return (id, email)
    }

    static func member(
        of tenant: String, _ role: String, _ hash: String, _ connection: PostgresConnection
    ) async throws -> (id: String, email: String) {
        let user = try await user(hash, connection)
        _ = try await connection.query(
            """
            INSERT INTO tessera.memberships (tenant_id, user_id, role, name, email, joined_at)
            VALUES (\(tenant)::text::uuid, \(user.id)::text::uuid, \(role), 'somebody', \(user.email), now())
            """)
        return user
    }
}

extension Cast {
    /// Makes what a route of the table acts on, in that tenant and for that person; answers its id.
    static func target(of path: String, in tenant: String, for user: String, _ connection: PostgresConnection) async throws -> String {
        let id = UUID().uuidString.lowercased()
        switch path.split(separator: "/").dropFirst(2).first {
        case "auth":
            _ = try await connection.query(
                """
                INSERT INTO tessera.sessions (user_id, id, last_tenant_id, created_at, last_used_at, auth_time, expires_at)
                VALUES (\(user)::text::uuid, \(id)::text::uuid, \(tenant)::text::uuid, now(), now(), now(), now() + interval '1 day')
                """)
        case "members": return try await member(of: tenant, "member", "!", connection).id
        case "invitations":
            _ = try await connection.query(
                """
                INSERT INTO tessera.invitations (tenant_id, id, email, role, created_by, created_at, expires_at)
                VALUES (\(tenant)::text::uuid, \(id)::text::uuid, \(id + "@example.com"), 'member', \(user)::text::uuid, now(), now() + interval '1 day')
                """)
        case "service-accounts":
            _ = try await connection.query(
                """
                INSERT INTO tessera.service_accounts (tenant_id, id, name, role, created_by, created_at, updated_at)
                VALUES (\(tenant)::text::uuid, \(id)::text::uuid, \(id), 'member', \(user)::text::uuid, now(), now())
                """)
        case "notices":
            let token = try await target(of: "/api/v1/tokens/{id}", in: tenant, for: user, connection)
            _ = try await connection.query(
                """
                INSERT INTO tessera.notices (tenant_id, id, user_id, token_id, kind, day, created_at)
                VALUES (\(tenant)::text::uuid, \(id)::text::uuid, \(user)::text::uuid, \(token)::text::uuid, 'expiring', current_date, now())
                """)
        case "tokens":
            _ = try await connection.query(
                """
                INSERT INTO tessera.api_tokens (tenant_id, id, owner_id, name, token_prefix, token_hash, scopes, expires_at, created_at, updated_at)
                VALUES (\(tenant)::text::uuid, \(id)::text::uuid, \(user)::text::uuid, \(id), 'tsr_00000000', decode(repeat('00', 32), 'hex'), '{read}',
                    now() + interval '1 day', now(), now())
                """)
        case "admin" where path.contains("/users/"): return try await Self.user("!", connection).id
        case "admin": return try await Self.tenant(connection)
        default: break
        }
        return id
    }
}
