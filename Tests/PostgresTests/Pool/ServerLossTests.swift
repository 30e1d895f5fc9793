import Postgres
import Support
import Testing

/// The server goes away with requests in flight: all of them are told, and the pool comes back by itself.
@Suite(.privateServer, .serialized, .timeLimit(.minutes(2))) struct ServerLossTests {
    @Test(arguments: [true, false])
    func requestsInFlightFailAndThePoolRecoversFromARestart(crash: Bool) async throws {
        let server = try PrivateServer.required()
        try await withPool(PostgresPool.Configuration(connection: server.configuration, sharedConnections: 2)) { pool in
            #expect(try await pool.query("SELECT 1").only(Int.self) == 1)
            let losses = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 { group.addTask { await Self.isLost { _ = try await pool.unit(["SELECT 1", "SELECT pg_sleep(59)"]) } } }
                group.addTask { await Self.isLost { try await pool.transaction { _ = try await $0.query("SELECT pg_sleep(59)") } } }
                try await eventually("the statements run") { pool.gauges.inFlight == 20 }
                if crash { try await server.crash() } else { try await server.stop() }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(losses == Array(repeating: true, count: 21))

            try await eventually("a failed attempt is known") { (try? await pool.query("SELECT 1")) == nil }
            let start = ContinuousClock.now
            for _ in 0..<10 {
                let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
                #expect(error?.isConnectionLoss == true)
            }
            #expect(ContinuousClock.now - start < .seconds(1), "callers fail at once while the database is known to be away")
            #expect(await pool.health() == false)

            try await server.start()
            try await eventually("the pool is back") { await pool.health() }
            #expect(try await pool.transaction { try await $0.query("SELECT 2").only(Int.self) } == 2)
            try await eventually("with all its connections") { pool.gauges.connections == 2 }
            #expect(pool.gauges.inFlight == 0)
        }
    }

    @Test func aTerminatedBackendIsReplaced() async throws {
        let server = try PrivateServer.required()
        let superuser = try await PostgresConnection.connect(server.configuration, logger: .silent)
        try await withPool(PostgresPool.Configuration(connection: server.configuration, sharedConnections: 1)) { pool in
            let shared = try await pool.query("SELECT pg_backend_pid()").only(Int32.self)
            async let first = Self.isLost { _ = try await pool.query("SELECT pg_sleep(59)") }
            async let second = Self.isLost { _ = try await pool.query("SELECT pg_sleep(58)") }
            try await eventually("they run") { pool.gauges.inFlight == 2 }
            _ = try await superuser.query("SELECT pg_terminate_backend(\(shared))")
            #expect(await [first, second] == [true, true])
            try await eventually("the pool is back") { await pool.health() }
            #expect(try await pool.query("SELECT pg_backend_pid()").only(Int32.self) != shared)

            let leased = try #require(try await pool.transaction { await $0.backendPID() })
            _ = try await superuser.query("SELECT pg_terminate_backend(\(leased))")
            try await eventually("it is gone") { try await !superuser.sees(backend: leased) }
            try await eventually("the next transaction has another connection") {
                (try? await pool.transaction { try await $0.query("SELECT 1").only(Int.self) }) == 1
            }
        }
        await superuser.close()
    }

    @Test func aTransactionWhoseBackendDiesFailsAndFreesItsLease() async throws {
        let server = try PrivateServer.required()
        let superuser = try await PostgresConnection.connect(server.configuration, logger: .silent)
        try await withPool(PostgresPool.Configuration(connection: server.configuration, sharedConnections: 1, leasedConnections: 1)) {
            pool async throws in
            for _ in 0..<3 {
                let isLost = await Self.isLost {
                    try await pool.transaction { lease in
                        _ = try await superuser.query("SELECT pg_terminate_backend(\(await lease.backendPID() ?? 0))")
                        _ = try await lease.query("SELECT pg_sleep(59)")
                    }
                }
                #expect(isLost)
            }
            #expect(try await pool.transaction { try await $0.query("SELECT 1").only(Int.self) } == 1)
        }
        await superuser.close()
    }

    private static func isLost(_ work: () async throws -> Void) async -> Bool {
        do {
            try await work()
            return false
        } catch {
            return (error as? PostgresError)?.isConnectionLoss == true
        }
    }
}
