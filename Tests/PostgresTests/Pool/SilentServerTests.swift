import Postgres
import Support
import Testing

/// A server that neither answers nor hangs up: a frozen machine, a stopped process.
@Suite(.privateServer, .serialized, .timeLimit(.minutes(2))) struct SilentServerTests {
    @Test func sharedRequestsAreGivenUpAndServedAgainAfterwards() async throws {
        let server = try PrivateServer.required()
        var connection = server.configuration
        connection.statementTimeout = .milliseconds(500)
        connection.connectTimeout = .seconds(1)
        try await withPool(PostgresPool.Configuration(connection: connection, sharedConnections: 1)) { pool in
            #expect(await pool.health())
            try await server.freeze()
            let start = ContinuousClock.now
            await withTaskGroup(of: PostgresError?.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        do {
                            _ = try await pool.query("SELECT 1")
                            return nil
                        } catch { return error as? PostgresError }
                    }
                }
                for await error in group { #expect(error?.kind == .statementTimeout || error?.kind == .connection) }
            }
            #expect(ContinuousClock.now - start < .seconds(10))
            try await server.thaw()
            try await eventually("the pool is back") { await pool.health() }
        }
    }

    @Test func aTransactionIsGivenUpToo() async throws {
        let server = try PrivateServer.required()
        var connection = server.configuration
        connection.statementTimeout = .milliseconds(500)
        connection.connectTimeout = .seconds(1)
        try await withPool(PostgresPool.Configuration(connection: connection, sharedConnections: 1, leasedConnections: 1)) { pool in
            let start = ContinuousClock.now
            await #expect(throws: PostgresError.self) {
                try await pool.transaction { lease in
                    _ = try await lease.query("SELECT 1")
                    try await server.freeze()
                    _ = try await lease.query("SELECT 1")
                }
            }
            #expect(ContinuousClock.now - start < .seconds(10))
            try await server.thaw()
            try await eventually("transactions work again") { (try? await pool.transaction { _ = try await $0.query("SELECT 1") }) != nil }
        }
    }

    @Test func connectingIsBounded() async throws {
        let server = try PrivateServer.required()
        var configuration = server.configuration
        configuration.connectTimeout = .milliseconds(200)
        try await server.freeze()
        let start = ContinuousClock.now
        let error = await #expect(throws: PostgresError.self) { try await PostgresConnection.connect(configuration, logger: .silent) }
        #expect(error?.isConnectionLoss == true)
        #expect(ContinuousClock.now - start < .seconds(3))
        try await server.thaw()
    }

    @Test func aPoolStopsEvenThen() async throws {
        let server = try PrivateServer.required()
        var connection = server.configuration
        connection.statementTimeout = .milliseconds(500)
        connection.connectTimeout = .seconds(1)
        let start = ContinuousClock.now
        try await withPool(PostgresPool.Configuration(connection: connection, sharedConnections: 1)) { pool in
            #expect(await pool.health())
            try await server.freeze()
            _ = try? await pool.query("SELECT 1")
        }
        #expect(ContinuousClock.now - start < .seconds(15))
        try await server.thaw()
    }

    /// Units that wait in the pipeline behind slow ones are old when their turn comes; the server is alive all the same.
    @Test func aQueueBehindSlowStatementsIsNotMistakenForSilence() async throws {
        let server = try PrivateServer.required()
        var connection = server.configuration
        connection.statementTimeout = .seconds(1)
        try await withPool(PostgresPool.Configuration(connection: connection, sharedConnections: 1)) { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 { group.addTask { _ = try await pool.query("SELECT pg_sleep(0.8)") } }
                try await group.waitForAll()
            }
        }
    }
}
