import Domain
import FoundationEssentials
import Postgres
import Testing

/// The bound on live tokens an owner holds exactly, however many are created at once.
@Suite(.ownDatabase) struct TokenCapTests {
    private let stores: Stores

    init() throws { stores = try .required() }

    @Test func parallelCreationsFillTheBoundExactly() async throws {
        let ada = try await stores.register()
        try await fill(ada, with: TokenBounds.perOwner - 1)
        let codes = try await create(200, of: ada)
        #expect(codes.count { $0 == nil } == 1)
        #expect(codes.count { $0 == .tokenLimitReached } == 199)
        #expect(try await live(ada) == TokenBounds.perOwner)
    }

    @Test func parallelCreationsFromNothingStopAtTheBound() async throws {
        let ada = try await stores.register()
        let codes = try await create(TokenBounds.perOwner + 40, of: ada)
        #expect(codes.count { $0 == nil } == TokenBounds.perOwner)
        #expect(try await live(ada) == TokenBounds.perOwner)
    }

    @Test func onlyLiveTokensCount() async throws {
        let ada = try await stores.register()
        try await fill(ada, with: TokenBounds.perOwner - 2)
        // Neither expired nor inactive makes room; revoked and deleted do.
        let expired = try await stores.token(of: ada, expiresAt: Moment.ago(1))
        let inactive = try await stores.token(of: ada, isActive: false)
        #expect(try await create(1, of: ada) == [.tokenLimitReached])
        _ = try await stores.tokens.revoke(expired.id, in: ada.tenantID, by: .owner(ada), reason: nil, at: Moment.now)
        #expect(try await create(2, of: ada).count { $0 == nil } == 1)
        #expect(try await stores.tokens.delete(inactive.id, in: ada.tenantID, by: .owner(ada), at: Moment.now))
        #expect(try await create(2, of: ada).count { $0 == nil } == 1)
    }

    @Test func theBoundIsEachOwnersOwn() async throws {
        let (ada, bob) = (try await stores.register(), try await stores.register())
        try await stores.join(bob.user, ada.tenantID)
        try await fill(ada, with: TokenBounds.perOwner)
        _ = try await stores.token(of: Account(user: bob.user, tenant: ada.tenant, session: bob.session, refresh: bob.refresh))
        try await stores.join(ada.user, bob.tenantID)
        _ = try await stores.token(of: Account(user: ada.user, tenant: bob.tenant, session: ada.session, refresh: ada.refresh))
    }

    /// Creates `count` tokens at once and answers how each was refused.
    private func create(_ count: Int, of account: Account) async throws -> [ErrorCode?] {
        try await withThrowingTaskGroup(of: ErrorCode?.self) { group in
            for _ in 0..<count { group.addTask { try await refusal { _ = try await stores.token(of: account) } } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func fill(_ account: Account, with count: Int) async throws {
        _ = try await stores.superuser.query(
            """
            INSERT INTO tessera.api_tokens (tenant_id, id, owner_id, name, token_prefix, token_hash, scopes, created_at, updated_at)
            SELECT \(account.tenantID.uuid), gen_random_uuid(), \(account.user.id.uuid), 'filler ' || n, 'tsr_00000000',
                   sha256(n::text::bytea), '{read}', \(Moment.now), \(Moment.now)
            FROM generate_series(1, \(count)) AS n
            """)
    }

    private func live(_ account: Account) async throws -> Int {
        try await stores.count("api_tokens", where: "owner_id = \(account.user.id.uuid) AND revoked_at IS NULL")
    }
}
