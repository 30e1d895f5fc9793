/// Where a server listens and what one peer may take up.
package struct ServerSettings: Sendable {
    package var host: String
    /// 0: any free one.
    package var port: Int
    /// Open connections; those behind it wait in the backlog.
    package var connections: Int
    /// Seconds without a byte after which a connection is closed, unless its request is being answered.
    package var idleTimeout: Int

    package init(host: String, port: Int, connections: Int = 4096, idleTimeout: Int = 30) {
        self.host = host
        self.port = port
        self.connections = connections
        self.idleTimeout = idleTimeout
    }
}
