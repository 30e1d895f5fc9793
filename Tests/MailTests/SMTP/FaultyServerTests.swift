import Mail
import Support
import Testing

/// Whatever a server does, the conversation ends in time and says what happened.
@Suite(.timeLimit(.minutes(2))) struct FaultyServerTests {
    private static let upToMail = ["S: 220 hi", "C: EHLO", "S: 250 test", "C: MAIL FROM:<no-reply@tessera.test>", "S: 250 ok"]
    private static let upToMessage =
        upToMail + ["C: RCPT TO:<reader@example.com>", "S: 250 ok", "C: DATA", "S: 354 go", "MESSAGE"]

    private func failure(_ script: [String], _ options: String = "") async throws -> MailFailure {
        try await PythonServer.with("scripted", script) { server in
            try await #require(throws: MailFailure.self) { try await SMTPTransport(server.plainURL + options).send(.sample()) }
        }
    }

    @Test(arguments: [
        ([], SMTPStep.greeting), (["S: 220-hi"], .greeting), (["S: 220 hi"], .hello), (upToMail, .recipient), (upToMessage, .content),
    ])
    func silentServerRunsOutOfTime(_ script: [String], _ step: SMTPStep) async throws {
        let start = ContinuousClock.now
        let failure = try await failure(script + ["HANG"], "&timeout=1")
        #expect(failure == .timedOut(step))
        #expect(!failure.isPermanent)
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func silenceInTheHandshakeRunsOutOfTime() async throws {
        let script = ["S: 220 hi", "C: EHLO", "S: 250-test\\r\\n250 STARTTLS", "C: STARTTLS", "S: 220 go", "HANG"]
        try await PythonServer.with("scripted", script) { server in
            let failure = try await #require(throws: MailFailure.self) {
                try await SMTPTransport("smtp://127.0.0.1:\(server.port)?timeout=1").send(.sample())
            }
            #expect(failure == .timedOut(.handshake))
        }
    }

    @Test func unansweredConnectionRunsOutOfTime() async throws {
        try await PythonServer.with("deaf", []) { server in
            let failure = try await #require(throws: MailFailure.self) { try await SMTPTransport(server.plainURL + "&timeout=1").send(.sample()) }
            #expect(failure == .timedOut(.connect))
        }
    }

    @Test func dripOfLinesRunsOutOfTime() async throws {
        // Each line is a sign of life, and none is the last.
        let failure = try await failure((0..<60).flatMap { _ in ["S: 220-still", "C: "] } + ["HANG"], "&timeout=1")
        #expect(failure == .timedOut(.greeting))
    }

    @Test(arguments: [
        ([], SMTPStep.greeting), (["S: 220 hi", "C: EHLO"], .hello), (upToMail + ["C: RCPT"], .recipient), (upToMessage, .content),
    ])
    func hangingUpIsALostConnection(_ script: [String], _ step: SMTPStep) async throws {
        let failure = try await failure(script)
        #expect(failure == .connectionLost(step))
        #expect(!failure.isPermanent)
    }

    @Test func closedPortIsUnreachable() async throws {
        let failure = try await #require(throws: MailFailure.self) { try await SMTPTransport("smtp://127.0.0.1:1?tls=none").send(.sample()) }
        guard case .unreachable = failure else { throw failure }
        #expect(!failure.isPermanent)
    }

    @Test func unknownHostIsUnreachable() async throws {
        let failure = try await #require(throws: MailFailure.self) {
            try await SMTPTransport("smtp://mail.invalid?tls=none&timeout=20").send(.sample())
        }
        guard case .unreachable = failure else { throw failure }
    }

    @Test(arguments: [
        ["S: hello"], ["S: 2x0 hi"], ["S: 99 hi"], ["S: 220+hi"], ["S: 100 hi"], ["S: 600 hi"], ["S: "], ["S: 220-hi\\r\\n250 there"], ["S: 250 hi"],
        ["S: 220 \(String(repeating: "x", count: 1000))", "HANG"], ["FLOOD x"], ["FLOOD 220-hi\\r\\n"], ["FLOOD 220-\\r\\n"],
    ])
    func nonsenseIsRefused(_ script: [String]) async throws {
        let failure = try await failure(script)
        guard case .unintelligible(.greeting, _) = failure else { throw failure }
        #expect(!failure.isPermanent)
    }

    @Test func refusalBeforeTheMessageIsNotPermanent() async throws {
        let failure = try await failure(["S: 554-go\\r\\n554 away \u{1B}[31m", "C: QUIT"])
        guard case .refused(.greeting, let reply) = failure else { throw failure }
        #expect(reply.lines == ["go", "away \u{1B}[31m"])
        #expect("\(reply)" == "554 go away ?[31m")
        #expect(!failure.isPermanent)
    }

    @Test func refusedServerIsToldGoodbye() async throws {
        try await PythonServer.with("scripted", Self.upToMail + ["C: RCPT", "S: 550 no", "C: QUIT", "S: 221 bye", "HANG"]) { server in
            await #expect(throws: MailFailure.self) { try await SMTPTransport(server.plainURL).send(.sample()) }
            try await server.closed()
            #expect(server.lines.dropLast().last == "QUIT")
        }
    }

    /// What was accepted must not be sent again because of a bad goodbye.
    @Test(arguments: [["S: 250 accepted"], ["S: 250 accepted", "C: QUIT", "HANG"], ["S: 250 accepted", "C: QUIT", "S: 500 what"]])
    func goodbyeDoesNotMatter(_ end: [String]) async throws {
        try await PythonServer.with("scripted", Self.upToMessage + end) { server in
            try await SMTPTransport(server.plainURL).send(.sample())
        }
    }

    @Test(arguments: [[], upToMail, upToMessage])
    func cancellationClosesTheConnection(_ script: [String]) async throws {
        try await PythonServer.with("scripted", script + ["S: 220-wait", "HANG"]) { server in
            let transport = try SMTPTransport(server.plainURL)
            let message = try MailMessage.sample()
            let sending = Task { try await transport.send(message) }
            if !script.isEmpty { try await eventually("the conversation is under way") { !server.lines.isEmpty } }
            sending.cancel()
            await #expect(throws: CancellationError.self) { try await sending.value }
        }
    }

    @Test func cancellationEndsConnecting() async throws {
        try await PythonServer.with("deaf", []) { server in
            let transport = try SMTPTransport(server.plainURL + "&timeout=100")
            let message = try MailMessage.sample()
            let start = ContinuousClock.now
            let sending = Task { try await transport.send(message) }
            try await Task.sleep(for: .milliseconds(200))
            sending.cancel()
            await #expect(throws: CancellationError.self) { try await sending.value }
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }
}
