import Domain
import Logging
import Persistence
import Postgres
import Support
import Testing

/// The stores of a suite over a database of its own: one pool for each role, as the API has them, and one for the superuser, which
/// sees past every wall.
struct Stores: Sendable {
    /// The stores of the suite that runs; see ``Trait/ownDatabase``.
    @TaskLocal static var current: Stores?

    let database: TestDatabase
    let app: PostgresPool
    let auth: PostgresPool
    let ingest: PostgresPool
    let jobs: PostgresPool
    let admin: PostgresPool
    let superuser: PostgresPool

    /// The stores of the suite that calls.
    static func required() throws -> Stores { try #require(current, "the suite lacks the trait .ownDatabase") }

    var tokens: any TokenStore { TokenTable(TenantDatabase(app)) }
    var people: any PeopleStore { PeopleTable(TenantDatabase(app)) }
    var tenancy: any TenantStore { TenantTable(TenantDatabase(app)) }
    var members: any MemberStore { MemberTable(TenantDatabase(app)) }
    var serviceAccounts: any ServiceAccountStore { ServiceAccountTable(TenantDatabase(app)) }
    var invitations: any InvitationStore { InvitationTable(TenantDatabase(app)) }
    var accounts: any AccountStore { AccountTable(AuthDatabase(auth)) }
    var sessions: any SessionStore { SessionTable(AuthDatabase(auth)) }
    var profiles: any ProfileStore { ProfileTable(AuthDatabase(auth)) }
    var recovery: any RecoveryStore { RecoveryTable(AuthDatabase(auth)) }
    var outbox: any Outbox { OutboxTable(JobsDatabase(jobs)) }
    var credentials: any CredentialStore { CredentialTable(AuthDatabase(auth)) }
    var signingKeys: any SigningKeyStore { SigningKeyTable(AuthDatabase(auth)) }
    var sink: any UsageSink { UsageIngest(IngestDatabase(ingest)) }
    var partitions: any UsagePartitions { PartitionTable(JobsDatabase(jobs)) }

    /// The usage log as it is read at ``Moment/now``.
    func usage(retentionDays: Int = 90) -> any UsageStore {
        UsageTable(TenantDatabase(app), retentionDays: retentionDays, now: { Moment.now })
    }

    /// A clone of the migrated template, with pools that run for as long as `body`.
    static func with<Value: Sendable>(_ body: (Stores) async throws -> Value) async throws -> Value {
        let database = try await TestDatabase.make()
        func pool(_ role: String?, _ connections: Int) -> PostgresPool {
            var configuration = PostgresPool.Configuration(
                connection: database.configuration(role: role), sharedConnections: connections, leasedConnections: 1)
            // Patience for a busy machine.
            configuration.acquireTimeout = .seconds(30)
            return PostgresPool(configuration, logger: .silent)
        }
        let stores = Stores(
            database: database, app: pool("tessera_app", 4), auth: pool("tessera_auth", 4), ingest: pool("tessera_ingest", 2),
            jobs: pool("tessera_jobs", 2), admin: pool("tessera_admin", 1), superuser: pool(nil, 1))
        let outcome: Result<Value, any Error>
        do {
            outcome = .success(
                try await running([stores.app, stores.auth, stores.ingest, stores.jobs, stores.admin, stores.superuser]) { try await body(stores) })
        } catch {
            outcome = .failure(error)
        }
        try await database.drop()
        return try outcome.get()
    }
}

/// Runs `pools` for as long as `body` takes.
func running<Value: Sendable>(_ pools: [PostgresPool], _ body: () async throws -> Value) async throws -> Value {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for pool in pools { group.addTask { try await pool.run() } }
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        group.cancelAll()
        try await group.waitForAll()
        return try outcome.get()
    }
}

struct OwnDatabaseTrait: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void) async throws {
        try await Stores.with { stores in try await Stores.$current.withValue(stores) { try await function() } }
    }
}

extension Trait where Self == OwnDatabaseTrait {
    /// Gives the suite ``Stores/current``: a database of its own, made before its first test and dropped after its last.
    static var ownDatabase: Self { OwnDatabaseTrait() }
}
