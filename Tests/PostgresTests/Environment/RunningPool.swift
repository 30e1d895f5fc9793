import Logging
import Postgres
import ServiceLifecycle
import Support

/// Runs a pool as the application does, for as long as `body` takes, and stops it gracefully.
func withPool<Value: Sendable>(
    _ configuration: PostgresPool.Configuration, _ body: (PostgresPool) async throws -> Value
) async throws -> Value {
    let pool = PostgresPool(configuration, logger: .silent)
    return try await withService(pool) { try await body(pool) }
}

/// Runs `service` in a group of its own for as long as `body` takes.
func withService<Value: Sendable>(_ service: any Service, _ body: () async throws -> Value) async throws -> Value {
    let group = ServiceGroup(services: [service], logger: .silent)
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return try outcome.get()
    }
}
