import NIOCore
import NIOPosix

/// Hands messages to a server, over a connection each.
package struct SMTPTransport: MailTransport {
    private let configuration: SMTPConfiguration
    private let tls: SMTPSecurity?

    /// Reads the certificates, so it blocks for a moment.
    ///
    /// - Throws: ``SMTPConfigurationFailure`` if there are none to read.
    package init(_ configuration: SMTPConfiguration) throws(SMTPConfigurationFailure) {
        self.configuration = configuration
        tls =
            configuration.security == .none
            ? nil : try SMTPSecurity(host: configuration.host, authorities: configuration.certificateAuthorities)
    }

    /// Ends within ``SMTPConfiguration/timeout`` and about a second for closing; cancellation closes the connection.
    package func send(_ message: MailMessage) async throws {
        try Task.checkCancellation()
        let deadline = NIODeadline.now() + TimeAmount(configuration.timeout)
        let connection = try await connect(until: deadline)
        try await connection.executeThenClose { inbound, outbound in
            let channel = connection.channel
            let alarm = channel.eventLoop.scheduleTask(deadline: deadline) { channel.close(promise: nil) }
            defer { alarm.cancel() }
            var conversation = SMTPConversation(channel, inbound, outbound, until: deadline)
            try await conversation.deliver(message, configuration, tls)
        }
    }

    private func connect(until deadline: NIODeadline) async throws -> NIOAsyncChannel<SMTPArrival, ByteBuffer> {
        let attempt = ConnectionAttempt()
        do {
            return try await withTaskCancellationHandler {
                try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .connectTimeout(deadline - .now())
                    .connect(host: configuration.host, port: configuration.port) { [tls, configuration] channel in
                        channel.eventLoop.makeCompletedFuture {
                            try attempt.add(channel)
                            try channel.pipeline.syncOperations.addHandler(SMTPArrivalHandler())
                            if configuration.security == .implicitTLS { try tls?.secureOnEventLoop(channel) }
                            return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                        }
                    }
            } onCancel: {
                attempt.cancel()
            }
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw NIODeadline.now() >= deadline ? MailFailure.timedOut(.connect) : .unreachable("\(error)")
        }
    }
}
