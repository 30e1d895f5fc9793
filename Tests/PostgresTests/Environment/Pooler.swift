import Foundation
import Postgres
import Support

/// A pgbouncer in transaction mode in front of a private server, on a Unix socket in the server's folder.
struct Pooler {
    let configuration: ConnectionConfiguration
    private let daemon: Daemon

    /// - Parameter serverConnections: fewer than clients, so that these have to take turns.
    static func start(for server: PrivateServer, serverConnections: Int) async throws -> Pooler {
        let port = server.port + 1
        let file = server.directory + "/pgbouncer.ini"
        try """
        [databases]
        * = host=\(server.directory) port=\(server.port) user=postgres
        [pgbouncer]
        pool_mode = transaction
        default_pool_size = \(serverConnections)
        listen_addr =
        listen_port = \(port)
        unix_socket_dir = \(server.directory)
        auth_type = any

        """.write(toFile: file, atomically: true, encoding: .utf8)
        // Started from a thread that blocks signals it inherits the mask and never clears it: only KILL reaches it.
        let daemon = try await Daemon.start(["/usr/sbin/pgbouncer", "-q", file], stoppedBy: "KILL", in: server.directory)
        var configuration = ConnectionConfiguration(url: "host=\(server.directory) port=\(port) user=postgres dbname=postgres")
        configuration.statementMode = .unnamed
        configuration.statementTimeout = .seconds(30)
        let pooler = Pooler(configuration: configuration, daemon: daemon)
        try await eventually("pgbouncer answers") {
            guard let connection = try? await PostgresConnection.connect(configuration, logger: .silent) else { return false }
            await connection.close()
            return true
        }
        return pooler
    }

    func stop() async throws { try await daemon.stop() }
}
