import Admin
import Auth
import Domain
import FoundationEssentials
import HTTP
import Hummingbird
import Limits
import Logging
import Monitoring
import Persistence
import Postgres
import Redis
import ServiceLifecycle
import UnixSignals

/// The whole API, put together: the one place that sees both sides of every wall.
struct Composition {
    private let settings: Settings
    private let logger: Logger
    private let registry: PrometheusRegistry
    private let pools: RolePools
    private let passwords: PasswordHasher
    private let recorder: UsageRecorder
    private let redis: RedisClient?
    private let lookups = TokenLookups()
    private let now: Now = { Date() }

    init(_ settings: Settings, _ logger: Logger, _ registry: PrometheusRegistry) {
        self.settings = settings
        self.logger = logger
        self.registry = registry
        pools = RolePools(settings.database, logger: logger)
        passwords = PasswordHasher(threads: settings.hashingThreads, queue: settings.hashingQueue)
        recorder = UsageRecorder(
            sink: UsageIngest(IngestDatabase(pools.ingest)), configuration: .init(capacity: settings.usageCapacity), logger: logger)
        redis = settings.redis.map { RedisClient($0.configuration, timeout: $0.timeout, logger: logger) }
        pools.report(to: registry)
    }

    /// Serves until a signal or a failure.
    ///
    /// A group stops its services in reverse: first the node says that it isn't ready, then the servers answer what is in flight,
    /// then the recorder stores what they recorded, last the pools close.
    func serve(with ready: Ready) async throws {
        let ring = KeyRing(
            ready.keys, store: SigningKeyTable(AuthDatabase(pools.auth)), sealedBy: settings.keyEncryptionKey, logger: logger, now: now)
        let foreign = ForeignTokens(ready.grants, grants: PrefixGrantTable(AuthDatabase(pools.auth)), logger: logger) { grants in
            ForeignSecrets.known.set(grants.map(\.prefix))
        }
        let flags = FollowedFlags(ready.flags, AuthDatabase(pools.auth), direct: settings.database.direct, logger)
        flags.report(to: registry)
        let tenantLimits = TenantLimitBook(
            ready.limits, changes: TenantLimitChangeTable(AuthDatabase(pools.auth)), logger: logger)
        let limiter: any Limiter = redis.map { SharedLimiter($0, nodes: settings.limits.nodes) } ?? MemoryLimiter()
        let limits = EdgeLimits(
            table: settings.limits.table, shadow: settings.limits.shadow, limiter: limiter, tenants: tenantLimits, logger: logger)
        let authenticator = authenticator(ring, foreign, flags.features)
        let upkeep = PartitionUpkeep(
            partitions: PartitionTable(JobsDatabase(pools.jobs)), retentionDays: settings.usageRetentionDays, logger: logger, now: now)
        let sweeper = Sweeper(rows: ExpiredRowsTable(JobsDatabase(pools.jobs)), logger: logger)
        let tokenGuard = TokenGuard(reactions: TokenReactionTable(JobsDatabase(pools.jobs)), logger: logger)
        let housekeeper = Housekeeper(
            housekeeping: HousekeepingTable(JobsDatabase(pools.jobs)), schedule: settings.housekeeping,
            retentionDays: settings.tokenRetentionDays, auditRetentionDays: settings.auditRetentionDays, logger: logger, now: now)
        let auditHeads = AuditHeadLogger(heads: AuditHeadTable(JobsDatabase(pools.jobs)), logger: logger, now: now)
        let readiness = Readiness(pools.all.map { role, pool in (role, { await pool.health() }) })
        let document = try OpenAPIDocument(
            endpoints: API.routes.map(\.endpoint) + AdminAPI.routes.map(\.endpoint), descriptions: API.descriptions + AdminAPI.descriptions,
            schemas: Schemas.all)
        let api = api(
            ring, authenticator, foreign, flags.features, limits, try OpenAPIController(document: document), ReferenceController(document: document),
            HealthController(readiness: readiness))
        let assembly = assembly(authenticator, limits)
        let adminAPI = adminAPI(foreign, flags.board, limits, tenantLimits)
        let servers = [
            server(
                "operations", settings.operations,
                assembly.responder(for: OperationsRoutes.routes(exposition: registry.text).map { $0.answered(by: api) })),
            server(
                "api", settings.http,
                assembly.responder(for: API.routes.map { $0.answered(by: api) } + AdminAPI.routes.map { $0.answered(by: adminAPI) })),
        ]
        let delivery = MailDelivery(
            outbox: OutboxTable(JobsDatabase(pools.jobs)), mailer: try TransportMailer(settings.mail, logger: logger),
            composer: LetterComposer(publicURL: settings.mail.publicURL), logger: logger, now: now)
        // A server that fails takes the others down in order, so that what was recorded is still stored.
        let services: [ServiceGroupConfiguration.ServiceConfiguration] =
            (pools.all.map(\.pool) + (redis.map { [$0] } ?? [])
            + [recorder, upkeep, sweeper, tokenGuard, housekeeper, auditHeads, ring, foreign, tenantLimits, delivery] + flags.services
            as [any Service])
            .map { .init(service: $0) }
            + (servers + [readiness]).map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) }
        var group = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(25)
        group.maximumCancellationDuration = .seconds(5)
        try await ServiceGroup(configuration: group).run()
        await passwords.shutDown()
    }

    /// What is read before anyone is served.
    struct Ready: Sendable {
        let keys: SigningKeys
        let grants: [PrefixGrant]
        /// nil: they couldn't be read, and are as the code says until they can.
        let flags: FlagSnapshot?
        let limits: [TenantLimitChange]
    }

    /// Looks whether the database is fit to be served from, and reads the signing keys, the foreign tokens' prefixes and tenants' limits. Throws
    /// ``NotReady`` with every fault.
    func check() async throws -> Ready {
        try await pools.running { pools in
            let faults = try await StartupCheck(pools: pools.all, jobs: pools.jobs).faults()
            guard faults.isEmpty else { throw NotReady(faults: faults) }
            let auth = AuthDatabase(pools.auth)
            return Ready(
                keys: try await SigningKeys.load(from: SigningKeyTable(auth), sealedBy: settings.keyEncryptionKey, at: now()),
                grants: try await PrefixGrantTable(auth).grants(), flags: try? await FlagTable(auth).snapshot(since: nil),
                limits: try await TenantLimitChangeTable(auth).changes(since: nil))
        }
    }

    /// Makes another signing key. Answers its id.
    func rotateKeys() async throws -> String {
        try await pools.running { pools in
            try await SigningKeys.rotate(SigningKeyTable(AuthDatabase(pools.auth)), sealedBy: settings.keyEncryptionKey, at: now())
        }
    }

    /// Makes a platform administrator, of an account that is there or of a new one.
    func appoint(_ email: EmailAddress, name: String?, password: String?) async throws -> Appointment {
        let appointment = try await pools.running { pools in
            try await Administrators(store: AdministratorTable(AuthDatabase(pools.auth)), passwords: passwords, now: now)
                .appoint(email, name: name, password: password)
        }
        await passwords.shutDown()
        return appointment
    }

    /// Runs `body` over the platform's introspectors.
    func introspectors<Value: Sendable>(_ body: @escaping @Sendable (Introspectors) async throws -> Value) async throws -> Value {
        try await pools.running { pools in try await body(Introspectors(store: IntrospectorTable(AdminDatabase(pools.admin)), now: now)) }
    }

    /// Runs `body` over the audit chains of all tenants.
    func auditVerification<Value: Sendable>(_ body: @escaping @Sendable (AuditVerification) async throws -> Value) async throws -> Value {
        try await pools.running { pools in
            try await body(
                AuditVerification(
                    chains: AuditChainTable(AdminDatabase(pools.admin)), retentionDays: settings.auditRetentionDays, now: now))
        }
    }

    private func authenticator(_ ring: KeyRing, _ foreign: ForeignTokens, _ features: any FeatureFlags) -> Authenticator {
        Authenticator(
            credentials: CredentialTable(AuthDatabase(pools.auth)), lookups: lookups, accessTokens: accessTokens(ring), foreign: foreign,
            features: features, log: SecurityEventLogger(logger), now: now)
    }

    private func assembly(_ authenticator: Authenticator, _ limits: EdgeLimits) -> RouterAssembly {
        let authentication = AuthenticationMiddleware(authenticator: authenticator, limits: limits, demand: .required)
        return RouterAssembly(
            layers: .init(
                observation: Observation(metrics: RequestMetrics(registry), proxies: TrustedProxies(settings.trustedProxies)),
                headers: ResponseHeaders(isSecure: settings.mail.publicURL.hasPrefix("https://"), now: now),
                crossOrigin: CrossOrigin(origins: settings.corsOrigins),
                usage: UsageCapture(log: recorder, now: now),
                addressLimit: AddressLimit(limits: limits),
                authentication: authentication,
                recognition: AuthenticationMiddleware(authenticator: authenticator, limits: limits, demand: .optional),
                identification: AuthenticationMiddleware(authenticator: authenticator, limits: limits, demand: .indifferent),
                introspection: IntrospectorAuthentication(
                    authenticator: IntrospectorAuthenticator(credentials: CredentialTable(AuthDatabase(pools.auth))), otherwise: authentication),
                conventions: EndpointConventions(
                    idempotency: Idempotency(
                        store: IdempotencyTable(TenantDatabase(pools.app), AuthDatabase(pools.auth)),
                        key: settings.keyEncryptionKey.derived(for: "idempotency")))))
    }

    private func api(
        _ ring: KeyRing, _ authenticator: Authenticator, _ foreign: ForeignTokens, _ features: any FeatureFlags, _ limits: EdgeLimits,
        _ openAPI: OpenAPIController, _ reference: ReferenceController, _ health: HealthController
    ) -> API {
        let tenants = TenantDatabase(pools.app)
        let cursors = cursors
        let auth = AuthDatabase(pools.auth)
        let accountTable = AccountTable(auth)
        let loginGuard = LoginGuard(
            store: accountTable, key: settings.keyEncryptionKey.derived(for: "login attempts"),
            limit: settings.limits.table[.login].map { ($0.requests, $0.window) })
        let issuer = SessionIssuer(accessTokens: accessTokens(ring))
        let accounts = Accounts(store: accountTable, passwords: passwords, issuer: issuer, loginGuard: loginGuard, now: now)
        let enrolment = Enrolment(
            store: EnrolmentTable(auth), passwords: passwords, issuer: issuer, loginGuard: loginGuard,
            takesNewAccounts: settings.registration != .closed, now: now)
        let serviceAccounts = ServiceAccountTable(tenants)
        let policies = TokenPolicyTable(tenants)
        let tokens = Tokens(
            store: TokenTable(tenants), accounts: serviceAccounts, policies: policies, features: features, mint: APITokenMint(),
            log: SecurityEventLogger(logger), now: now)
        let transport = SessionTransport(sameOrigin: SameOrigin(publicURL: settings.mail.publicURL))
        let usage = UsageLog(store: UsageTable(tenants, retentionDays: settings.usageRetentionDays, now: now))
        return API(
            accounts: AccountsController(accounts: accounts, transport: transport, limits: limits, registration: settings.registration),
            sessions: SessionsController(sessions: Sessions(store: SessionTable(auth), now: now), cursors: cursors),
            recovery: RecoveryController(recovery: Recovery(store: RecoveryTable(auth), passwords: passwords, now: now), limits: limits),
            profile: ProfileController(
                profiles: Profiles(store: ProfileTable(auth), passwords: passwords, loginGuard: loginGuard, now: now)),
            people: PeopleController(people: People(store: PeopleTable(tenants)), cursors: cursors),
            tenant: TenantController(tenancy: Tenancy(store: TenantTable(tenants), now: now)),
            members: MembersController(members: Members(store: MemberTable(tenants), now: now)),
            invitations: InvitationsController(
                invitations: Invitations(store: InvitationTable(tenants), now: now), cursors: cursors, now: now),
            enrolment: EnrolmentController(enrolment: enrolment, transport: transport, limits: limits, cursors: cursors),
            serviceAccounts: ServiceAccountsController(accounts: ServiceAccounts(store: serviceAccounts, now: now), cursors: cursors),
            tokens: TokensController(tokens: tokens, cursors: cursors, now: now),
            rotations: RotationsController(tokens: tokens, now: now),
            imports: ImportsController(
                imports: TokenImports(
                    store: TokenImportTable(tenants), policies: policies, features: features, log: SecurityEventLogger(logger), now: now),
                now: now),
            history: TokenHistoryController(history: TokenHistory(store: TokenHistoryTable(tenants)), cursors: cursors),
            policy: TokenPolicyController(policies: TokenPolicies(store: policies, now: now), now: now),
            leaks: LeaksController(reports: LeakReports(store: LeakReportTable(auth), foreign: foreign), limits: limits),
            notices: NoticesController(notices: Notices(store: NoticeTable(tenants), now: now), cursors: cursors),
            flags: FeatureFlagsController(features: features),
            introspection: IntrospectionController(introspection: Introspection(authenticator: authenticator)),
            forwardAuth: ForwardAuthController(), usage: UsageController(usage: usage, cursors: cursors),
            audit: AuditController(log: AuditLog(store: AuditTable(tenants)), cursors: cursors, exporter: exporter),
            keys: KeysController(ring: ring), openAPI: openAPI, reference: reference, health: health)
    }

    private func adminAPI(_ foreign: ForeignTokens, _ board: FlagBoard, _ limits: EdgeLimits, _ tenantLimits: TenantLimitBook) -> AdminAPI {
        let database = AdminDatabase(pools.admin)
        let cursors = cursors
        return AdminAPI(
            tenants: TenantsController(tenants: PlatformTenants(store: PlatformTenantTable(database), now: now), cursors: cursors),
            limits: TenantLimitsController(
                limits: PlatformLimits(store: TenantLimitTable(database), now: now) { await tenantLimits.refresh() }, edge: limits),
            prefixes: TokenPrefixesController(
                prefixes: PlatformPrefixes(store: PlatformPrefixTable(database), now: now) { await foreign.refresh() }),
            users: UsersController(users: PlatformUsers(store: PlatformUserTable(database), now: now), cursors: cursors),
            flags: FlagsController(flags: PlatformFlags(store: PlatformFlagTable(database), now: now) { await board.refresh() }),
            audit: PlatformAuditController(audit: PlatformAudit(store: PlatformAuditTable(database)), cursors: cursors, exporter: exporter))
    }

    private var cursors: CursorCodec { CursorCodec(key: settings.keyEncryptionKey.derived(for: "cursors")) }

    private var exporter: Exporter { Exporter(patience: .seconds(settings.http.idleTimeout), now: now) }

    private func accessTokens(_ ring: KeyRing) -> AccessTokens { AccessTokens(ring: ring, issuer: settings.issuer, now: now) }

    private func server(_ name: String, _ settings: ServerSettings, _ responder: some HTTPResponder<APIContext>) -> any Service {
        let server = HTTPServer(settings, responder: responder, logger: logger) { [logger] port in
            logger.notice("listening", metadata: ["server": "\(name)", "host": "\(settings.host)", "port": "\(port ?? settings.port)"])
        }
        return NamedServer(name: name, settings: settings, server: server)
    }
}
