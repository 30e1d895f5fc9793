import Foundation
import Postgres
import Support
import Testing

/// Connecting where the first way doesn't lead in, and over TLS.
@Suite(.timeLimit(.minutes(1))) struct RoutesToServerTests {
    /// libpq closes the socket of a refused TLS attempt and opens another, often under the same number.
    @Test func aChangedSocketIsFollowed() async throws {
        try await withTLSServer { server in
            try await server.allow("hostssl all all all reject\nhostnossl all all all trust\n")
            let configuration = ConnectionConfiguration(url: "host=127.0.0.1 port=\(server.port) user=postgres dbname=postgres sslmode=prefer")
            for _ in 0..<5 {
                let connection = try await PostgresConnection.connect(configuration, logger: .silent)
                #expect(try await connection.query(Self.isEncrypted).only(Bool.self) == false)
                await connection.close()
            }
        }
    }

    @Test func theSecondHostServesWhenTheFirstIsAway() async throws {
        try await withTLSServer { server in
            let configuration = ConnectionConfiguration(
                url: "host=/nonexistent,127.0.0.1,127.0.0.1 port=1,1,\(server.port) user=postgres dbname=postgres")
            let connection = try await PostgresConnection.connect(configuration, logger: .silent)
            #expect(try await connection.query("SELECT 1").only(Int.self) == 1)
            await connection.close()
        }
    }

    @Test func requiredTLSEncryptsAndAnUnknownAuthorityIsRefused() async throws {
        try await withTLSServer { server in
            let address = "host=127.0.0.1 port=\(server.port) user=postgres dbname=postgres"
            let configuration = ConnectionConfiguration(url: address + " sslmode=require")
            try await withPool(PostgresPool.Configuration(connection: configuration)) { pool in
                #expect(try await pool.query(Self.isEncrypted).only(Bool.self))
                let big = String(repeating: "x", count: 3_000_000)
                let answers = try await pool.unit((0..<8).map { _ in "SELECT \(big)" })
                #expect(try answers.allSatisfy { try $0.only(String.self) == big })
            }
            let strict = ConnectionConfiguration(url: address + " sslmode=verify-full sslrootcert=/nonexistent")
            await #expect(throws: PostgresError.self) { try await PostgresConnection.connect(strict, logger: .silent) }
        }
    }

    private static let isEncrypted: SQL = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"

    /// A private server that also listens on TCP with a certificate nobody knows.
    private func withTLSServer(_ body: (PrivateServer) async throws -> Void) async throws {
        let server = try await PrivateServer(settings: ["listen_addresses=127.0.0.1", "ssl=on"])
        do {
            try await server.makeCertificate()
            try await server.start()
            try await body(server)
        } catch {
            try await server.remove()
            throw error
        }
        try await server.remove()
    }
}

extension PrivateServer {
    /// Makes the certificate that `ssl=on` looks for.
    fileprivate nonisolated func makeCertificate() async throws {
        let data = directory + "/data"
        try await Command.run(
            Command.asDatabaseUser([
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
                "-keyout", data + "/server.key", "-out", data + "/server.crt",
            ]))
    }

    /// Replaces the rules of `pg_hba.conf`, keeping the Unix socket open to all.
    fileprivate nonisolated func allow(_ rules: String) async throws {
        try ("local all all trust\n" + rules).write(toFile: directory + "/data/pg_hba.conf", atomically: false, encoding: .utf8)
        let connection = try await PostgresConnection.connect(configuration, logger: .silent)
        _ = try await connection.query("SELECT pg_reload_conf()")
        try await eventually("the rules are read") {
            try await connection.query("SELECT count(*) FROM pg_hba_file_rules").only(Int.self) == rules.split(separator: "\n").count + 1
        }
        await connection.close()
    }
}
