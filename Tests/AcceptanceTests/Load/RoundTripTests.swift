import Foundation
import Support
import Testing

/// What a request with a valid token asks of the database.
@Suite(.timeLimit(.minutes(3))) struct RoundTripTests {
    @Test func aValidTokenCostsOneStatementInOneRoundTripAndNoWrite() async throws {
        try await PrivateServer.with(settings: ServerStatistics.settings) { server in
            let database = try await TestDatabase.migrated(on: server)
            let socket = "\(server.directory)/.s.PGSQL.\(server.port)"
            try await PythonServer.with("counting", in: "Tests/AcceptanceTests/Load/Scripts", [socket]) { counter in
                try await ServerStatistics.with(server, database) { statistics in
                    let environment = [
                        "TESSERA_DATABASE_URL": "postgresql://127.0.0.1:\(counter.port)/\(database.name)?sslmode=disable",
                        "TESSERA_LOG_LEVEL": "notice",
                    ]
                    try await RunningAPI.with(over: database, environment) { api in
                        let ada = try await api.register()
                        let token = try await api.token(ada)
                        // Every connection has prepared the statement, and what was recorded is stored.
                        _ = try await BearerLoad.run(api, credentials: [token.secret], requests: 200)
                        try await api.hasStoredAll()
                        let asked = counter.lines.count
                        try await statistics.reset()

                        let load = try await BearerLoad.run(api, credentials: [token.secret], requests: 2_000)
                        #expect(load.counts == [200: load.sent])
                        try await api.hasStoredAll()

                        let all = try await statistics.statements(of: "tessera_auth", "tessera_app", "tessera_admin")
                        let statements = all.filter { !$0.isUpkeep }
                        #expect(statements.map(\.role) == ["tessera_auth"], "\(statements)")
                        #expect(statements.map(\.calls) == [load.sent], "\(statements)")
                        #expect(statements.allSatisfy { $0.text.hasPrefix("SELECT") && $0.text.contains("FROM tessera.api_tokens t") })
                        let trips = counter.lines.dropFirst(asked).filter { !$0.hasPrefix("tessera_ingest") && !$0.hasPrefix("tessera_jobs") }
                        // The flags are read three times a second: one of these may be in one count and not in the other.
                        let upkeep = all.filter(\.isUpkeep).reduce(0) { $0 + $1.calls }
                        #expect(abs(trips.count - load.sent - upkeep) <= 2, "\(trips.count), \(load.sent), \(upkeep)")
                        #expect(Set(trips) == ["tessera_auth S"])

                        // What is written is written by the recorder: so many records at once.
                        let writes = try await statistics.statements(of: "tessera_ingest").filter { $0.text.contains("api_token_usage") }
                        let batches = writes.map(\.calls).max() ?? 0
                        #expect((1...load.sent / 20).contains(batches), "\(writes.map(\.calls))")
                        #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: load.sent) >= load.sent)
                        print("round trips: \(trips.count) of \(load.sent) requests, \(load.sent) records in \(batches) batches")
                    }
                }
            }
        }
    }
}

extension RunningAPI {
    /// Returns when each recorded use is in the database.
    func hasStoredAll() async throws {
        try await eventually("what was recorded is stored") {
            guard try await metric("tessera_http_requests_in_flight") <= 1 else { return false }
            let recorded = try await metric("tessera_usage_recorded_total")
            return try await metric("tessera_usage_stored_total") == recorded
        }
    }
}
