import Domain
import FoundationEssentials

extension APIToken {
    static func sample(
        of account: Account, name: String = "token " + UUID().lowercased, scopes: [Scope] = [.coarse(.read)], isActive: Bool = true,
        expiresAt: Date? = nil, createdAt: Date = Moment.now, parent: TokenID? = nil
    ) -> APIToken {
        APIToken(
            id: TokenID(UUID()), tenant: account.tenantID, owner: account.owner, name: name, description: nil, prefix: "tsr_4fK9xQ2b",
            breadth: TokenBreadth(scopes: scopes, expiresAt: expiresAt), isActive: isActive, createdAt: createdAt, createdBy: account.maker,
            updatedAt: createdAt,
            parent: parent, revocation: nil, activity: nil, metadata: Array("{}".utf8), version: 1)
    }
}

extension Stores {
    /// Stores a token of `account` and answers it.
    func token(
        of account: Account, name: String = "token " + UUID().lowercased, scopes: [Scope] = [.coarse(.read)], isActive: Bool = true,
        expiresAt: Date? = nil, createdAt: Date = Moment.now
    ) async throws -> APIToken {
        let token = APIToken.sample(of: account, name: name, scopes: scopes, isActive: isActive, expiresAt: expiresAt, createdAt: createdAt)
        let role = try await roles(in: token.tenant)[account.user.id] ?? .owner
        try await tokens.insert(token, hash: .random, as: role)
        return token
    }

    /// The token as its store reads it now.
    func reread(_ token: APIToken) async throws -> APIToken? { try await tokens.token(token.id, in: token.tenant) }
}

extension TokenActor {
    /// Somebody who may act on their own tokens only.
    static func owner(_ account: Account) -> TokenActor { TokenActor(id: .user(account.user.id), mayActOnAll: false) }

    /// Somebody who may act on all of the tenant's.
    static func admin(_ account: Account) -> TokenActor { TokenActor(id: .user(account.user.id), mayActOnAll: true) }
}

// Changes whose audit entry a test doesn't look at.
extension TokenStore {
    /// - Parameter role: the owner's.
    func insert(_ token: APIToken, hash: HashedToken, as role: Role = .owner) async throws {
        try await insert(
            token, hash: hash, by: Standing(id: token.owner.id, role: role), for: nil, .sample(.tokenCreated, token.id, at: token.createdAt))
    }

    func update(_ id: TokenID, in tenant: TenantID, _ change: TokenChange, ifVersion version: Int, at now: Date) async throws -> APIToken? {
        try await update(id, in: tenant, change, ifVersion: version, .sample(.tokenChanged, id, at: now))
    }

    func revoke(_ id: TokenID, in tenant: TenantID, by actor: TokenActor, reason: String?, at now: Date) async throws -> TokenEnding? {
        try await revoke(id, in: tenant, by: actor, reason: reason, .sample(.tokenRevoked, id, at: now))
    }

    func delete(_ id: TokenID, in tenant: TenantID, by actor: TokenActor, at now: Date) async throws -> Bool {
        try await delete(id, in: tenant, by: actor, .sample(.tokenDeleted, id, at: now))
    }
}

extension AuditEntry {
    fileprivate static func sample(_ action: AuditAction, _ token: TokenID, at time: Date) -> AuditEntry {
        AuditEntry(action, of: .apiToken(token), by: .system, from: .sample, at: time)
    }
}
