package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle

/// One listening server as a service: it stops taking connections when the group shuts down, and ends when the requests in
/// flight are answered.
package struct HTTPServer: Service {
    private let application: any Service

    /// - Parameter onListening: called with the port that was bound.
    package init(
        _ settings: ServerSettings, responder: some HTTPResponder<APIContext>, logger: Logger,
        onListening: @escaping @Sendable (Int?) async -> Void
    ) {
        application = Application(
            responder: responder,
            server: .http1(
                configuration: .init(
                    idleTimeout: .seconds(Int64(settings.idleTimeout)),
                    httpDecoderConfiguration: .init(maxHeaderFieldSize: 32 * 1024, maxHeaderListSize: 64 * 1024, maxHeaderFieldCount: 256))),
            configuration: .init(
                address: .hostname(settings.host, port: settings.port),
                serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(settings.connections, logger: logger)),
            onServerRunning: { channel in await onListening(channel.localAddress?.port) },
            logger: logger)
    }

    package func run() async throws { try await application.run() }
}
