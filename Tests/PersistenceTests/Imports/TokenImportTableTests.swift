import Domain
import FoundationEssentials
import Persistence
import Postgres
import Support
import Testing

/// An import is stored only while all that it was decided on still holds.
@Suite(.ownDatabase) struct TokenImportTableTests {
    private let stores: Stores

    init() throws { stores = try .required() }

    private static let prefix = "acme_live_"

    private var imports: any TokenImportStore { TokenImportTable(TenantDatabase(stores.app)) }

    /// A tenant whose owner may import.
    private func importer() async throws -> Account {
        let ada = try await stores.register()
        _ = try await stores.superuser.query(
            """
            INSERT INTO tessera.token_prefixes (tenant_id, prefix, length, alphabet, granted_by, granted_at)
            VALUES (\(ada.tenantID.uuid), \(Self.prefix), 40, '0123456789abcdef', gen_random_uuid(), \(Moment.now))
            """)
        return ada
    }

    private func insert(_ tokens: [ImportedToken], by maker: Account, as role: Role = .owner) async throws -> [ImportConflict] {
        let audit = AuditEntry(.tokenImported, of: .tenant(tokens[0].token.tenant), by: .user(maker.user.id), from: .sample, at: Moment.now)
        return try await imports.insert(tokens, under: Self.prefix, by: Standing(id: .user(maker.user.id), role: role), audit)
    }

    private func stored(in tenant: TenantID) async throws -> [Int] {
        [
            try await stores.count("imported_tokens", where: "tenant_id = \(tenant.uuid)"),
            try await stores.count("api_tokens", where: "tenant_id = \(tenant.uuid)"),
            try await stores.count("audit_log", where: "tenant_id = \(tenant.uuid) AND action = 'token.imported'"),
        ]
    }

    @Test func whoeverChangedMeanwhileGetsNothing() async throws {
        let ada = try await importer()
        let eve = try await stores.register()
        try await stores.join(eve.user, ada.tenantID, as: .viewer)
        let hers = Account(user: eve.user, tenant: ada.tenant, session: eve.session, refresh: eve.refresh)
        let fine = ImportedToken(token: .sample(of: ada), hash: .random, role: .owner)
        // The owner has another role by now, or is nobody.
        let bob = try await stores.register()
        let his = Account(user: bob.user, tenant: ada.tenant, session: bob.session, refresh: bob.refresh)
        let conflicts = try await insert(
            [
                fine, ImportedToken(token: .sample(of: hers), hash: .random, role: .member),
                ImportedToken(token: .sample(of: his), hash: .random, role: .member),
            ], by: ada)
        #expect(conflicts.map(\.index) == [1, 2])
        #expect(conflicts.allSatisfy { $0.kind == .owner })
        // The importer has another role by now.
        #expect(try await refusal { _ = try await insert([fine], by: hers, as: .admin) } == .forbidden)
        #expect(try await stored(in: ada.tenantID) == [0, 0, 0])
        // The prefix was withdrawn.
        _ = try await stores.superuser.query("DELETE FROM tessera.token_prefixes WHERE tenant_id = \(ada.tenantID.uuid)")
        #expect(try await refusal { _ = try await insert([fine], by: ada) } == .forbidden)
        #expect(try await stored(in: ada.tenantID) == [0, 0, 0])
    }

    /// The removal is under way and not yet committed when the tokens are imported: they must not outlive it.
    @Test func whoIsBeingRemovedGetsNoImportedToken() async throws {
        let ada = try await importer()
        let eve = try await stores.register()
        try await stores.join(eve.user, ada.tenantID)
        let hers = Account(user: eve.user, tenant: ada.tenant, session: eve.session, refresh: eve.refresh)
        let removal = try await stores.database.connect()
        try await removal.script("BEGIN; DELETE FROM tessera.memberships WHERE tenant_id = '\(ada.tenantID)' AND user_id = '\(eve.user.id)'")
        async let conflicts = insert([ImportedToken(token: .sample(of: hers), hash: .random, role: .member)], by: ada)
        let waiting: SQL = """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%memberships%'
            """
        try await eventually("the import waits for the removal") { try await stores.superuser.query(waiting).decode(Int.self) == [1] }
        try await removal.script("COMMIT")
        await removal.close()
        #expect(try await conflicts.map(\.kind) == [.owner])
        #expect(try await stored(in: ada.tenantID) == [0, 0, 0])
    }

    @Test func aHashIsFoundUnderItsTenantAndPrefixOnly() async throws {
        let (ada, bob) = (try await importer(), try await stores.register())
        let token = ImportedToken(token: .sample(of: ada), hash: .random, role: .owner)
        #expect(try await insert([token], by: ada).isEmpty)
        #expect(try await stored(in: ada.tenantID) == [1, 1, 1])
        let found = try await stores.credentials.importedToken(token.hash, under: Self.prefix, in: ada.tenantID)
        #expect(found?.id == token.token.id)
        #expect(found?.hash.matches(token.hash) == true)
        #expect(try await stores.credentials.importedToken(token.hash, under: Self.prefix, in: bob.tenantID) == nil)
        #expect(try await stores.credentials.importedToken(token.hash, under: "other_", in: ada.tenantID) == nil)
        #expect(try await stores.credentials.importedToken(.random, under: Self.prefix, in: ada.tenantID) == nil)
        // Of another tenant's hashes not even the existence shows.
        let app = try await stores.database.connect(role: "tessera_app")
        for (tenant, positions) in [(ada.tenantID, [1]), (bob.tenantID, [])] {
            try await app.script("BEGIN")
            _ = try await app.query("SELECT set_config('app.tenant_id', \(tenant.description), true)")
            let known = try await app.query("SELECT * FROM tessera.imported_hashes(\([Bytea(token.hash.bytes)]))").decode(Int.self)
            #expect(known == positions)
            try await app.script("COMMIT")
        }
        #expect(try await sqlState { _ = try await app.query("SELECT hash FROM tessera.imported_tokens") } == .insufficientPrivilege)
        await app.close()
    }
}
