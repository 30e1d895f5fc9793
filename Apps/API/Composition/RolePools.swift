import Logging
import Monitoring
import Postgres
import ServiceLifecycle

/// A pool for each database role that the API logs in as.
struct RolePools: Sendable {
    let auth: PostgresPool
    let app: PostgresPool
    let admin: PostgresPool
    let ingest: PostgresPool
    let jobs: PostgresPool
    private let settings: DatabaseSettings
    private let logger: Logger

    init(_ settings: DatabaseSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        func pool(_ connection: ConnectionConfiguration, shared: Int) -> PostgresPool {
            PostgresPool(.init(connection: connection, sharedConnections: shared, leasedConnections: 1), logger: logger)
        }
        auth = pool(settings.auth, shared: settings.sharedConnections)
        app = pool(settings.app, shared: settings.sharedConnections)
        admin = pool(settings.admin, shared: 1)
        ingest = pool(settings.ingest, shared: 1)
        jobs = pool(settings.jobs, shared: 1)
    }

    /// By role.
    var all: [(role: String, pool: PostgresPool)] {
        [("tessera_auth", auth), ("tessera_app", app), ("tessera_admin", admin), ("tessera_ingest", ingest), ("tessera_jobs", jobs)]
    }

    /// Runs `body` over pools like these that live only as long as it does.
    func running<Value: Sendable>(_ body: @escaping @Sendable (RolePools) async throws -> Value) async throws -> Value {
        let pools = RolePools(settings, logger: logger)
        let group = ServiceGroup(configuration: .init(services: pools.all.map(\.pool), logger: logger))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let result: Result<Value, any Error>
            do { result = .success(try await body(pools)) } catch { result = .failure(error) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return try result.get()
        }
    }

    /// Shows each pool's state at every scrape.
    func report(to registry: PrometheusRegistry) {
        let all = all
        registry.onScrape { registry in
            for (role, pool) in all {
                let gauges = pool.gauges
                registry.setGauge("tessera_database_connections", [("pool", role)], to: Double(gauges.connections))
                registry.setGauge("tessera_database_requests_in_flight", [("pool", role)], to: Double(gauges.inFlight))
                registry.setGauge("tessera_database_waiting_requests", [("pool", role)], to: Double(gauges.waiting))
            }
        }
    }
}
