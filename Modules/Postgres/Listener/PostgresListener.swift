package import Logging
import ServiceLifecycle

/// Listens for notifications on a connection of its own, and connects again when it breaks. What was notified meanwhile is lost:
/// `onConnect` is the place to read the truth anew.
package struct PostgresListener: Service {
    private let configuration: ConnectionConfiguration
    private let channels: [String]
    private let logger: Logger
    private let onConnect: @Sendable () async -> Void
    private let onNotification: @Sendable (_ channel: String, _ payload: String) -> Void

    /// - Parameters:
    ///   - configuration: straight to the server: a transaction pooler can't carry LISTEN.
    ///   - onConnect: called each time the channels are listened to (again).
    ///   - onNotification: called on the connection's queue; must not block.
    package init(
        _ configuration: ConnectionConfiguration, channels: [String], logger: Logger, onConnect: @escaping @Sendable () async -> Void = {},
        onNotification: @escaping @Sendable (_ channel: String, _ payload: String) -> Void
    ) {
        self.configuration = configuration
        self.channels = channels
        self.logger = logger
        self.onConnect = onConnect
        self.onNotification = onNotification
    }

    package func run() async throws {
        var backoff = Backoff()
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                let connection = try await cancelWhenGracefulShutdown {
                    try await Connection.establish(configuration, logger: logger, onNotification: onNotification)
                }
                do {
                    for channel in channels { _ = try await connection.run(["LISTEN \(identifier: channel)"]) }
                } catch {
                    await connection.close()
                    throw error
                }
                backoff.reset()
                await onConnect()
                let reason = await cancelWhenGracefulShutdown { await connection.brokenOrCancelled() }
                await connection.close()
                if let reason { logger.warning("listener lost its connection", metadata: ["reason": "\(String(reflecting: reason))"]) }
            } catch {
                logger.warning("listener can't connect", metadata: ["reason": "\(String(reflecting: error))"])
                let delay = backoff.next()
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: delay) }
            }
        }
    }
}
