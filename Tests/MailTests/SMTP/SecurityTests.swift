import Mail
import Support
import Testing

/// Messages and passwords travel encrypted to the host we mean, or not at all.
@Suite(.timeLimit(.minutes(2))) struct SecurityTests {
    @Test(arguments: [("starttls", "smtp"), ("implicit", "smtps")], ["localhost", "127.0.0.1"])
    func messageArrivesEncrypted(_ kind: (tls: String, scheme: String), _ host: String) async throws {
        let certificate = try await Certificate("DNS:localhost", "IP:127.0.0.1")
        let arguments = ["--tls", kind.tls, "--user", "user", "--password", "right"] + certificate.arguments
        let authority = certificate.certificate
        try await PythonServer.with("accepting", arguments) { server in
            try await SMTPTransport("\(kind.scheme)://user:right@\(host):\(server.port)?ca=\(authority)").send(.sample())
            let received = try #require(try server.messages.first)
            #expect(received.isEncrypted && received.isAuthenticated)
        }
    }

    @Test(arguments: [("starttls", "smtp"), ("implicit", "smtps")], ["localhost", "127.0.0.1"])
    func certificateOfAnotherHostIsRefused(_ kind: (tls: String, scheme: String), _ host: String) async throws {
        let certificate = try await Certificate("DNS:mail.example.com", "IP:127.0.0.2")
        let authority = certificate.certificate
        try await PythonServer.with("accepting", ["--tls", kind.tls] + certificate.arguments) { server in
            let failure = try await #require(throws: MailFailure.self) {
                try await SMTPTransport("\(kind.scheme)://user:hunter2@\(host):\(server.port)?ca=\(authority)").send(.sample())
            }
            guard case .insecure = failure else { throw failure }
            #expect(!failure.isPermanent)
            #expect(try server.messages.isEmpty)
        }
    }

    @Test(arguments: [("starttls", "smtp"), ("implicit", "smtps")])
    func certificateThatNobodyVouchesForIsRefused(_ tls: String, _ scheme: String) async throws {
        let certificate = try await Certificate("DNS:localhost")
        try await PythonServer.with("accepting", ["--tls", tls] + certificate.arguments) { server in
            let failure = try await #require(throws: MailFailure.self) {
                try await SMTPTransport("\(scheme)://localhost:\(server.port)").send(.sample())
            }
            guard case .insecure = failure else { throw failure }
            #expect(try server.messages.isEmpty)
        }
    }

    @Test func serverWithoutSTARTTLSGetsNothing() async throws {
        try await PythonServer.with("scripted", ["S: 220 hi", "C: EHLO", "S: 250-test\\r\\n250 AUTH PLAIN", "HANG"]) { server in
            let failure = try await #require(throws: MailFailure.self) {
                try await SMTPTransport("smtp://user:hunter2@127.0.0.1:\(server.port)").send(.sample())
            }
            guard case .insecure = failure else { throw failure }
            try await server.closed()
            #expect(server.lines.count == 2)
        }
    }

    /// CVE-2011-0411: answers that somebody slips in before the handshake would be taken for the server's.
    @Test(arguments: [["S: 220 go\\r\\n250-test\\r\\n250 AUTH PLAIN"], ["S: 220 go", "S: 250-test\\r\\n250 AUTH PLAIN"]])
    func bytesBeforeTheHandshakeAreRefused(_ injection: [String]) async throws {
        let script = ["S: 220 hi", "C: EHLO", "S: 250-test\\r\\n250 STARTTLS", "C: STARTTLS"] + injection + ["HANG"]
        try await PythonServer.with("scripted", script) { server in
            let failure = try await #require(throws: MailFailure.self) {
                try await SMTPTransport("smtp://user:hunter2@127.0.0.1:\(server.port)").send(.sample())
            }
            guard case .insecure = failure else { throw failure }
        }
    }

    @Test func refusedSTARTTLSIsTheEnd() async throws {
        let script = ["S: 220 hi", "C: EHLO", "S: 250-test\\r\\n250 STARTTLS", "C: STARTTLS", "S: 454 not now", "C: QUIT", "S: 221 bye"]
        try await PythonServer.with("scripted", script) { server in
            let failure = try await #require(throws: MailFailure.self) {
                try await SMTPTransport("smtp://user:hunter2@127.0.0.1:\(server.port)").send(.sample())
            }
            guard case .refused(.startTLS, _) = failure else { throw failure }
            #expect(!failure.isPermanent)
        }
    }

    @Test func passwordThatTheServerRepeatsIsNotInTheFailure() async throws {
        let script = ["S: 220 hi", "C: EHLO", "S: 250-test\\r\\n250 AUTH PLAIN", "C: AUTH", "S: 500 what is AHVzZXIAaHVudGVyMg== hunter2", "HANG"]
        try await PythonServer.with("scripted", script) { server in
            let failure = try await #require(throws: MailFailure.self) {
                try await SMTPTransport("smtp://user:hunter2@127.0.0.1:\(server.port)?tls=none").send(.sample())
            }
            let text = "\(failure) \(String(reflecting: failure))"
            #expect(text.contains("500"))
            #expect(!text.contains("hunter2") && !text.contains("AHVz"))
            #expect(server.lines.contains("AUTH PLAIN AHVzZXIAaHVudGVyMg=="))
        }
    }
}
