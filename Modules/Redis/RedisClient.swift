package import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// Keeps one connection to a Redis or Valkey, over which many ask at once, and makes it anew whenever it is gone. While there is none,
/// whoever asks is told so at once.
package final class RedisClient: Service {
    private let configuration: RedisConfiguration
    private let timeout: TimeAmount
    private let logger: Logger
    private let connection = Mutex<RedisConnection?>(nil)
    private let inFlight = Atomic<Int>(0)

    /// Questions that may wait for their answers.
    private static let most = 4096
    /// Waits between attempts, twice as long each time.
    private static let waits = (shortest: Duration.milliseconds(50), longest: Duration.seconds(2))
    /// A connection that held for so long was a good one.
    private static let steady = Duration.seconds(5)

    /// - Parameter timeout: what an answer may take; past it the connection is given up.
    package init(_ configuration: RedisConfiguration, timeout: Duration, logger: Logger) {
        self.configuration = configuration
        self.timeout = TimeAmount(timeout)
        self.logger = logger
    }

    /// Logs once when the server goes away, with why, and once when it is back.
    package func run() async throws {
        var wait = Self.waits.shortest
        var isAway = false
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let reason: any Error
            do {
                let opened = try await cancelWhenGracefulShutdown { try await self.connect() }
                if isAway { logger.notice("redis is back") }
                isAway = false
                let since = ContinuousClock.now
                connection.withLock { $0 = opened }
                reason = await cancelWhenGracefulShutdown { await opened.ended() }
                connection.withLock { $0 = nil }
                if ContinuousClock.now - since >= Self.steady { wait = Self.waits.shortest }
            } catch {
                reason = error
            }
            if Task.isShuttingDownGracefully || Task.isCancelled { return }
            if !isAway { logger.warning("redis is away; trying again until it is back", metadata: ["error": "\(reason)"]) }
            isAway = true
            try? await cancelWhenGracefulShutdown { [wait] in try await Task.sleep(for: wait * Double.random(in: 0.8...1.2)) }
            wait = min(wait * 2, Self.waits.longest)
        }
    }

    /// Whether there is a connection at the moment.
    package var isConnected: Bool { connection.withLock { $0 != nil } }

    /// Runs `script`, by its digest where the server knows it. Throws ``RedisError``.
    package func evaluate(_ script: RedisScript, keys: [String], arguments: [String]) async throws -> RESPValue {
        let rest = ["\(keys.count)"] + keys + arguments
        let answer = try await ask(["EVALSHA", script.digest] + rest)
        guard case .error(let refusal) = answer else { return answer }
        // A server that was restarted, or told to forget, has never seen it.
        guard refusal.hasPrefix("NOSCRIPT") else { throw RedisError.refused(refusal) }
        let second = try await ask(["EVAL", script.source] + rest)
        if case .error(let refusal) = second { throw RedisError.refused(refusal) }
        return second
    }

    func connect() async throws -> RedisConnection { try await RedisConnection.open(configuration, timeout: timeout) }

    private func ask(_ words: [String]) async throws -> RESPValue {
        guard let connection = connection.withLock({ $0 }) else { throw RedisError.unavailable }
        guard inFlight.wrappingAdd(1, ordering: .relaxed).newValue <= Self.most else {
            inFlight.wrappingSubtract(1, ordering: .relaxed)
            throw RedisError.overloaded
        }
        defer { inFlight.wrappingSubtract(1, ordering: .relaxed) }
        return try await connection.ask(words)
    }
}
