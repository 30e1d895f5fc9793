import Foundation
import Mail
import Support
import Testing

/// Messages reach a real server as they were sent.
@Suite(.timeLimit(.minutes(2))) struct DeliveryTests {
    @Test func messageArrivesIntact() async throws {
        try await PythonServer.with("accepting", []) { server in
            let text = "Hello,\n.\n..\n.dots\n\nGrüße = 🎈 \n" + String(repeating: "long ", count: 100) + "\n.\n"
            let message = try MailMessage.sample(subject: "Grüße", text: text)
            try await SMTPTransport(server.plainURL).send(message)
            let received = try #require(try server.messages.first)
            #expect(received.sender == "no-reply@tessera.test")
            #expect(received.recipients == ["reader@example.com"])
            #expect(received.subject == "Grüße")
            #expect(received.text == text)
            #expect(Array(received.content) == message.rfc5322())
            #expect(!received.isEncrypted && !received.isAuthenticated)
        }
    }

    @Test func manyAtOnce() async throws {
        try await PythonServer.with("accepting", []) { server in
            let transport = try SMTPTransport(server.plainURL)
            try await withThrowingTaskGroup { group in
                for number in 0..<20 {
                    let message = try MailMessage.sample(subject: "\(number)", text: String(repeating: "line \(number)\n", count: 5000))
                    group.addTask { try await transport.send(message) }
                }
                try await group.waitForAll()
            }
            #expect(Set(try server.messages.map(\.subject)) == Set((0..<20).map(String.init)))
        }
    }

    @Test(arguments: [[], ["PLAIN"], ["LOGIN"]])
    func rightPasswordIsAccepted(without mechanisms: [String]) async throws {
        let password = "p@ss:/wörd \u{1F511}"
        let arguments = ["--user", "user@example.com", "--password", password] + mechanisms.flatMap { ["--without", $0] }
        try await PythonServer.with("accepting", arguments) { server in
            let encoded = try #require(password.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            try await SMTPTransport("smtp://user%40example.com:\(encoded)@127.0.0.1:\(server.port)?tls=none").send(.sample())
            #expect(try server.messages.map(\.isAuthenticated) == [true])
        }
    }

    @Test(arguments: [[], ["PLAIN"]])
    func wrongPasswordIsRefusedForNow(without mechanisms: [String]) async throws {
        let arguments = ["--user", "user", "--password", "right"] + mechanisms.flatMap { ["--without", $0] }
        try await PythonServer.with("accepting", arguments) { server in
            let failure = try await #require(throws: MailFailure.self) {
                try await SMTPTransport("smtp://user:hunter2@127.0.0.1:\(server.port)?tls=none").send(.sample())
            }
            guard case .refused(.authentication, let reply) = failure else { throw failure }
            #expect(reply.code == 535)
            #expect(!failure.isPermanent)
            #expect(try server.messages.isEmpty)
        }
    }

    @Test func serverWithoutKnownMechanismGetsNoPassword() async throws {
        let arguments = ["--user", "user", "--password", "right", "--without", "PLAIN", "--without", "LOGIN"]
        try await PythonServer.with("accepting", arguments) { server in
            let failure = try await #require(throws: MailFailure.self) {
                try await SMTPTransport("smtp://user:right@127.0.0.1:\(server.port)?tls=none").send(.sample())
            }
            #expect(!failure.isPermanent)
        }
    }

    @Test(arguments: [
        ("MAIL", SMTPStep.sender, 550, true), ("MAIL", .sender, 451, false), ("MAIL", .sender, 530, false), ("RCPT", .recipient, 550, true),
        ("RCPT", .recipient, 450, false), ("RCPT", .recipient, 421, false), ("DATA", .content, 554, true), ("DATA", .content, 452, false),
    ])
    func refusalSaysWhetherToTryAgain(_ command: String, _ step: SMTPStep, _ code: Int, _ isPermanent: Bool) async throws {
        try await PythonServer.with("accepting", ["--refuse", "\(command)=\(code) 1.2.3 because"]) { server in
            let failure = try await #require(throws: MailFailure.self) { try await SMTPTransport(server.plainURL).send(.sample()) }
            guard case .refused(step, let reply) = failure else { throw failure }
            #expect(reply.code == code)
            #expect("\(failure)".contains("\(code) 1.2.3 because"))
            #expect(failure.isPermanent == isPermanent)
        }
    }

    @Test func nonASCIIAddressTravelsBySMTPUTF8() async throws {
        try await PythonServer.with("accepting", []) { server in
            try await SMTPTransport(server.plainURL).send(.sample(to: MailAddress(address: "jörg@müller.example")))
            try await SMTPTransport(server.plainURL).send(.sample())
            #expect(try server.messages.map(\.recipients) == [["jörg@müller.example"], ["reader@example.com"]])
            #expect(try server.messages.map { $0.options.contains("SMTPUTF8") } == [true, false])
        }
    }

    @Test func nonASCIIAddressIsUndeliverableWithoutSMTPUTF8() async throws {
        try await PythonServer.with("accepting", ["--without", "SMTPUTF8"]) { server in
            let failure = try await #require(throws: MailFailure.self) {
                try await SMTPTransport(server.plainURL).send(.sample(to: MailAddress(address: "jörg@example.com")))
            }
            #expect(failure == .needsSMTPUTF8)
            #expect(failure.isPermanent)
        }
    }
}
