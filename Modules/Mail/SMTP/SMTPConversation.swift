import FoundationEssentials
import NIOCore
import NIOSSL

/// One conversation with a server, from its greeting to our QUIT (RFC 5321).
struct SMTPConversation {
    private let channel: any Channel
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var reader: SMTPReader
    private let deadline: NIODeadline
    private var capabilities = SMTPCapabilities()
    /// Where failures happen.
    private var step = SMTPStep.greeting

    init(
        _ channel: any Channel, _ inbound: NIOAsyncChannelInboundStream<SMTPArrival>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        until deadline: NIODeadline
    ) {
        self.channel = channel
        self.outbound = outbound
        self.deadline = deadline
        reader = SMTPReader(inbound)
    }

    /// Says all there is to say. Returns once the server has accepted the message: what happens to the goodbye doesn't matter then.
    mutating func deliver(_ message: MailMessage, _ configuration: SMTPConfiguration, _ tls: SMTPSecurity?) async throws {
        do {
            if configuration.security == .implicitTLS { try await handshake() }
            try await expect(220, at: .greeting)
            try await hello()
            if configuration.security == .startTLS, let tls { try await startTLS(tls) }
            if let credentials = configuration.credentials { try await authenticate(credentials) }
            try await transfer(message)
        } catch let failure as MailFailure {
            if case .refused = failure { await quit() }
            throw failure
        }
        await quit()
    }

    // MARK: The steps

    /// Names us by our address, since a host behind a network's edge seldom has a name that is worth more (RFC 5321 §4.1.4).
    private mutating func hello() async throws {
        let literal =
            switch channel.localAddress {
            case .v6(let address)?: "[IPv6:\(address.host.prefix { $0 != "%" })]"
            case .v4(let address)?: "[\(address.host)]"
            default: "[127.0.0.1]"
            }
        capabilities = SMTPCapabilities(try await exchange("EHLO \(literal)", expecting: 250, at: .hello))
    }

    private mutating func startTLS(_ tls: SMTPSecurity) async throws {
        guard capabilities.hasStartTLS else { throw MailFailure.insecure("the server does not offer STARTTLS") }
        try await exchange("STARTTLS", expecting: 220, at: .startTLS)
        do { try await tls.secure(channel) } catch { throw failure(for: error) }
        try await handshake()
        // What was offered in the clear may have been anybody's (RFC 3207 §4.2).
        try await hello()
    }

    private mutating func handshake() async throws {
        step = .handshake
        do { try await reader.handshake() } catch { throw failure(for: error) }
    }

    private mutating func authenticate(_ credentials: SMTPCredentials) async throws {
        let (user, password) = (Array(credentials.user.utf8), Array(credentials.password.utf8))
        do {
            switch capabilities.authentication {
            case .plain?: try await exchange("AUTH PLAIN \(base64([0] + user + [0] + password))", expecting: 235, at: .authentication)
            case .login?:
                try await exchange("AUTH LOGIN", expecting: 334, at: .authentication)
                try await exchange(base64(user), expecting: 334, at: .authentication)
                try await exchange(base64(password), expecting: 235, at: .authentication)
            case nil: throw MailFailure.unintelligible(.authentication, "neither PLAIN nor LOGIN is offered")
            }
        } catch MailFailure.refused(let step, let reply) {
            throw MailFailure.refused(step, reply.withoutText)
        }
    }

    private mutating func transfer(_ message: MailMessage) async throws {
        if message.needsSMTPUTF8, !capabilities.hasSMTPUTF8 { throw MailFailure.needsSMTPUTF8 }
        let parameter = message.needsSMTPUTF8 ? " SMTPUTF8" : ""
        try await exchange("MAIL FROM:<\(message.from.address)>\(parameter)", expecting: 250, at: .sender)
        // 251: it will be forwarded, which is as good.
        try await exchange("RCPT TO:<\(message.to.address)>", expecting: 250, 251, at: .recipient)
        try await exchange("DATA", expecting: 354, at: .data)
        step = .content
        try await write(ByteBuffer(bytes: DotStuffing.apply(message.rfc5322())))
        try await expect(250, at: .content)
    }

    /// Waits a second for the answer, as a matter of courtesy.
    private mutating func quit() async {
        let patience = channel.eventLoop.scheduleTask(in: .seconds(1)) { [channel] in channel.close(promise: nil) }
        defer { patience.cancel() }
        _ = try? await exchange("QUIT", expecting: 221, at: .quit)
    }

    // MARK: Commands and replies

    /// - Parameter command: made of parts that have no line break in them: ``MailAddress`` and base64.
    @discardableResult private mutating func exchange(_ command: String, expecting codes: Int..., at step: SMTPStep) async throws -> SMTPReply {
        self.step = step
        try await write(ByteBuffer(string: command + "\r\n"))
        return try await answer(codes)
    }

    private mutating func expect(_ code: Int, at step: SMTPStep) async throws {
        self.step = step
        _ = try await answer([code])
    }

    private mutating func answer(_ codes: [Int]) async throws -> SMTPReply {
        do {
            let reply = try await reader.reply()
            if codes.contains(reply.code) { return reply }
            throw reply.code >= 400 ? MailFailure.refused(step, reply) : .unintelligible(step, "\(reply.code) is no answer to that")
        } catch {
            throw failure(for: error)
        }
    }

    private func write(_ bytes: ByteBuffer) async throws {
        do { try await outbound.write(bytes) } catch { throw failure(for: error) }
    }

    private func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    // MARK: Failures

    /// Since cancellation and the deadline close the connection, whatever comes after them is their doing.
    private func failure(for error: any Error) -> any Error {
        if let failure = error as? MailFailure { return failure }
        if Task.isCancelled { return CancellationError() }
        if NIODeadline.now() >= deadline { return MailFailure.timedOut(step) }
        switch error {
        case let error as SMTPReader.Unintelligible: return MailFailure.unintelligible(step, error.reason)
        case is SMTPReader.Injected: return MailFailure.insecure("bytes in the clear where the TLS handshake should be")
        case NIOSSLError.uncleanShutdown: return MailFailure.connectionLost(step)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: return MailFailure.insecure("\(error)")
        default: return MailFailure.connectionLost(step)
        }
    }
}
