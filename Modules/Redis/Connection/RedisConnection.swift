import NIOCore
import NIOPosix

/// One connection that many ask over at once.
struct RedisConnection: Sendable {
    private let channel: any Channel
    private let pipeline: NIOLoopBound<RedisPipeline>

    /// What connecting, the TLS handshake and logging in may take, each.
    private static let patience = TimeAmount.seconds(1)

    /// Connects, logs in and sees that the server answers.
    ///
    /// - Parameter timeout: what an answer may take from then on.
    static func open(_ configuration: RedisConfiguration, timeout: TimeAmount) async throws -> RedisConnection {
        let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup).connectTimeout(patience)
        let initialize: @Sendable (any Channel) -> EventLoopFuture<RedisConnection> = { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = RedisPipeline(timeout: patience)
                try channel.pipeline.syncOperations.addHandlers(
                    ByteToMessageHandler(RESPDecoder(), maximumBufferSize: 2 * RESPDecoder.longestAnswer), pipeline)
                try configuration.security?.secure(channel)
                return RedisConnection(channel: channel, pipeline: NIOLoopBound(pipeline, eventLoop: channel.eventLoop))
            }
        }
        let connection =
            switch configuration.endpoint {
            case .host(let host, let port): try await bootstrap.connect(host: host, port: port, channelInitializer: initialize)
            case .socket(let path): try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: initialize)
            }
        do {
            if let password = configuration.password {
                try await connection.expect(["AUTH"] + (configuration.user.map { [$0] } ?? []) + [password])
            }
            if configuration.database != 0 { try await connection.expect(["SELECT", "\(configuration.database)"]) }
            try await connection.expect(["PING"])
        } catch {
            connection.channel.close(promise: nil)
            throw error
        }
        connection.channel.eventLoop.execute { connection.pipeline.value.timeout = timeout }
        return connection
    }

    /// Throws ``RedisError``; a refusal is an answer.
    func ask(_ words: [String]) async throws -> RESPValue {
        let promise = channel.eventLoop.makePromise(of: RESPValue.self)
        let command = RedisCommand(words)
        channel.eventLoop.execute { pipeline.value.send(command, promise) }
        return try await promise.futureResult.get()
    }

    /// Returns when the connection has ended, with why; ends it where the task is cancelled.
    func ended() async -> RedisError {
        await withTaskCancellationHandler {
            try? await channel.closeFuture.get()
        } onCancel: {
            channel.close(promise: nil)
        }
        return (try? await channel.eventLoop.submit { pipeline.value.failure }.get()) ?? .closed
    }

    private func expect(_ words: [String]) async throws {
        if case .error(let refusal) = try await ask(words) { throw RedisError.refused(refusal) }
    }
}
