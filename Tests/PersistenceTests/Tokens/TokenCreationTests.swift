import Domain
import FoundationEssentials
import Postgres
import Support
import Testing

/// What is stored of a new token, and which names are free.
@Suite(.ownDatabase) struct TokenCreationTests {
    private let stores: Stores

    init() throws { stores = try .required() }

    /// The removal is under way and not yet committed when the token is made: it must not outlive it.
    @Test func whoIsBeingRemovedGetsNoToken() async throws {
        let (ada, eve) = (try await stores.register(), try await stores.register())
        try await stores.join(eve.user, ada.tenantID)
        let there = Account(user: eve.user, tenant: ada.tenant, session: eve.session, refresh: eve.refresh)
        let removal = try await stores.database.connect()
        try await removal.script("BEGIN; DELETE FROM tessera.memberships WHERE tenant_id = '\(ada.tenantID)' AND user_id = '\(eve.user.id)'")
        async let refused = refusal { try await stores.tokens.insert(.sample(of: there), hash: .random) }
        let waiting: SQL = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        try await eventually("the creation waits for the removal") { try await stores.superuser.query(waiting).decode(Int.self) == [1] }
        try await removal.script("COMMIT")
        await removal.close()
        #expect(try await refused == .forbidden)
        #expect(try await stores.count("api_tokens", where: "owner_id = \(eve.user.id.uuid)") == 0)
    }

    @Test func aTokenReadsBackAsItWasStored() async throws {
        let ada = try await stores.register()
        let parent = try await stores.token(of: ada)
        let token = APIToken(
            id: TokenID(UUID()), tenant: ada.tenantID, owner: ada.owner, name: "Déploiement 🚀", description: "for the pipeline",
            prefix: "tsr_0a1B2c3D",
            breadth: TokenBreadth(scopes: [.coarse(.read), .permission(.tokensWrite)], expiresAt: Moment.after(30 * Moment.day)), isActive: true,
            createdAt: Moment.now, createdBy: ada.maker, updatedAt: Moment.now, parent: parent.id,
            revocation: nil, activity: nil, metadata: Array(#"{"a": [1, {"b": null}]}"#.utf8), version: 1)
        try await stores.tokens.insert(token, hash: .random)

        let stored = try #require(try await stores.reread(token))
        #expect(stored.id == token.id)
        #expect(stored.tenant == ada.tenantID)
        #expect(stored.owner.id == .user(ada.user.id))
        #expect(stored.owner.name == ada.user.name)
        #expect(stored.createdBy?.id == ada.user.id)
        #expect(stored.createdBy?.name == ada.user.name)
        #expect(stored.name == "Déploiement 🚀")
        #expect(stored.description == "for the pipeline")
        #expect(stored.prefix == "tsr_0a1B2c3D")
        #expect(stored.breadth.scopes == [.coarse(.read), .permission(.tokensWrite)])
        #expect(stored.isActive)
        #expect(stored.breadth.expiresAt?.inMicroseconds == token.breadth.expiresAt?.inMicroseconds)
        #expect(stored.createdAt.inMicroseconds == Moment.now.inMicroseconds)
        #expect(stored.updatedAt.inMicroseconds == Moment.now.inMicroseconds)
        #expect(stored.parent == parent.id)
        #expect(stored.revocation == nil)
        #expect(stored.activity == nil)
        #expect(String(decoding: stored.metadata, as: UTF8.self) == #"{"a": [1, {"b": null}]}"#)
        #expect(stored.version == 1)
    }

    @Test func whatIsAbsentReadsBackAsAbsent() async throws {
        let token = try await stores.token(of: try await stores.register())
        let stored = try #require(try await stores.reread(token))
        #expect(stored.description == nil)
        #expect(stored.breadth.expiresAt == nil)
        #expect(stored.parent == nil)
    }

    @Test func onlyTheHashIsKeptAndTheApplicationCannotReadIt() async throws {
        let ada = try await stores.register()
        let hash = HashedToken.random
        let token = APIToken.sample(of: ada)
        try await stores.tokens.insert(token, hash: hash)
        let stored = try await stores.superuser.query("SELECT token_hash FROM tessera.api_tokens WHERE id = \(token.id.uuid)")
        #expect(try stored.decode(Bytea.self).map(\.bytes) == [hash.bytes])

        let refused = try await sqlState {
            _ = try await stores.app.query(
                "SELECT token_hash FROM tessera.api_tokens", settings: [Setting("app.tenant_id", ada.tenantID.description)])
        }
        #expect(refused == .insufficientPrivilege)
    }

    @Test func aNameIsTakenWhileItsTokenIsNotRevoked() async throws {
        let ada = try await stores.register()
        // An expired and an inactive token keep their names.
        _ = try await stores.token(of: ada, name: "live")
        _ = try await stores.token(of: ada, name: "expired", expiresAt: Moment.ago(1))
        _ = try await stores.token(of: ada, name: "inactive", isActive: false)
        for name in ["live", "expired", "inactive"] {
            #expect(try await refusal { _ = try await stores.token(of: ada, name: name) } == .nameTaken)
        }
        #expect(try await stores.count("api_tokens", where: "tenant_id = \(ada.tenantID.uuid)") == 3)
    }

    /// The parent is being ended, and that isn't committed yet, when it makes another: nothing of it goes on.
    @Test(arguments: ["revoked_at = now()", "is_active = false"]) func whatIsBeingEndedMakesNothingBehindItsEnd(_ end: String) async throws {
        let ada = try await stores.register()
        let parent = try await stores.token(of: ada)
        let ending = try await stores.database.connect()
        try await ending.script("BEGIN; UPDATE tessera.api_tokens SET \(end) WHERE id = '\(parent.id)'")
        let child = APIToken.sample(of: ada, parent: parent.id)
        async let code = refusal { try await stores.tokens.insert(child, hash: .random) }
        let waiting: SQL = """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%api_tokens%'
            """
        try await eventually("the creation waits for the end") { try await stores.superuser.query(waiting).decode(Int.self).first ?? 0 > 0 }
        try await ending.script("COMMIT")
        await ending.close()
        #expect(try await code == .forbidden)
        #expect(try await stores.count("api_tokens", where: "id = \(child.id.uuid)") == 0)
    }

    @Test func revokingAndDeletingFreeTheName() async throws {
        let ada = try await stores.register()
        let first = try await stores.token(of: ada, name: "deploy")
        _ = try await stores.tokens.revoke(first.id, in: ada.tenantID, by: .owner(ada), reason: nil, at: Moment.now)
        let second = try await stores.token(of: ada, name: "deploy")
        #expect(try await stores.tokens.delete(second.id, in: ada.tenantID, by: .owner(ada), at: Moment.now))
        _ = try await stores.token(of: ada, name: "deploy")
    }

    @Test func twoOwnersMayUseOneName() async throws {
        let (ada, bob) = (try await stores.register(), try await stores.register())
        try await stores.join(bob.user, ada.tenantID)
        _ = try await stores.token(of: ada, name: "deploy")
        _ = try await stores.token(of: bob, name: "deploy")
        let inTheSameTenant = Account(user: bob.user, tenant: ada.tenant, session: bob.session, refresh: bob.refresh)
        _ = try await stores.token(of: inTheSameTenant, name: "deploy")
    }

    @Test func ofManyAtOnceWithOneNameOneIsStored() async throws {
        let ada = try await stores.register()
        let codes = try await withThrowingTaskGroup(of: ErrorCode?.self) { group in
            for _ in 0..<20 { group.addTask { try await refusal { _ = try await stores.token(of: ada, name: "deploy") } } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.count { $0 == nil } == 1)
        #expect(codes.count { $0 == .nameTaken } == 19)
    }
}
