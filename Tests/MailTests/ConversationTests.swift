import Foundation
import Mail
import Support
import Testing

/// Mails reach a server, or the failure says whether trying again makes sense.
@Suite struct ConversationTests {
    private static let text =
        "Hello Ada,\n\n.\n.. dots, ünïcode = and a line that is much longer than a line of a mail may be: \(String(repeating: "x", count: 200)) \n\nBye\n"

    private func message(to: String = "ada@example.com", subject: String = "Grüße, und noch viel mehr davon in einer langen Zeile") -> MailMessage {
        MailMessage(
            from: MailAddress("no-reply@example.com", name: "Tëssera, Inc.")!, to: MailAddress(to)!, subject: subject, text: Self.text, id: UUID(),
            date: Date(timeIntervalSince1970: 1_795_248_930))
    }

    private func transport(_ url: String) throws -> SMTPTransport { try SMTPTransport(SMTPConfiguration(url: url)) }

    @Test(arguments: ["plain", "starttls", "tls", "auth"])
    func aMailArrivesAsItWasWritten(mode: String) async throws {
        try await MailServer.with(mode) { server in
            let url =
                switch mode {
                case "plain": "smtp://127.0.0.1:\(server.port)?tls=none"
                case "tls": "smtps://localhost:\(server.port)?ca=\(server.certificate)"
                case "auth": "smtp://ada:secret@localhost:\(server.port)?ca=\(server.certificate)"
                default: "smtp://localhost:\(server.port)?ca=\(server.certificate)"
                }
            let message = message()
            try await transport(url).send(message)
            let arrived = try #require(try server.mails.first)
            // Python's own parser reads it back.
            let script = """
                import email, email.policy, json, sys
                m = email.message_from_file(open(sys.argv[1], newline=''), policy=email.policy.default)
                print(json.dumps([m['subject'], m['from'].addresses[0].display_name, m['to'], m['date'], m['message-id'], m.get_content(), len(m.defects)]))
                """
            let read = try await run("/usr/bin/python3", ["-c", script, server.folder + "/0.eml"])
            let fields = try #require(try JSONSerialization.jsonObject(with: Data(read.output.utf8)) as? [Any], "\(read.errors) \(arrived)")
            #expect(fields[0] as? String == message.subject)
            #expect(fields[1] as? String == "Tëssera, Inc.")
            #expect(fields[2] as? String == "ada@example.com")
            #expect(fields[3] as? String == "Sat, 21 Nov 2026 08:15:30 +0000")
            #expect(fields[4] as? String == "<\(message.id.uuidString.lowercased())@example.com>")
            #expect((fields[5] as? String)?.replacing("\r\n", with: "\n") == Self.text)
            #expect(fields[6] as? Int == 0)
            #expect(arrived.split(separator: "\r\n", omittingEmptySubsequences: false).allSatisfy { $0.utf8.count <= 78 })
        }
    }

    @Test(arguments: [("refuse", true), ("busy", false), ("hangup", false)])
    func aRefusalSaysWhetherToTryAgain(mode: String, isPermanent: Bool) async throws {
        try await MailServer.with(mode) { server in
            let failure = await #expect(throws: MailFailure.self) {
                try await transport("smtp://127.0.0.1:\(server.port)?tls=none").send(message())
            }
            #expect(failure?.isPermanent == isPermanent)
            let arrived = try server.mails
            #expect(arrived.isEmpty)
        }
    }

    @Test func aServerThatSaysNothingIsGivenUp() async throws {
        try await MailServer.with("silent") { server in
            let failure = await #expect(throws: MailFailure.self) {
                try await transport("smtp://127.0.0.1:\(server.port)?tls=none&timeout=1").send(message())
            }
            #expect(failure?.description.contains("1 s") == true)
        }
    }

    @Test func withoutTrustNothingIsSaid() async throws {
        try await MailServer.with("auth") { server in
            // An unknown authority; a certificate for another host; no STARTTLS offered; a wrong password.
            for url in [
                "smtp://ada:secret@localhost:\(server.port)", "smtp://ada:secret@127.0.0.1:\(server.port)?ca=\(server.certificate)",
                "smtp://ada:other@localhost:\(server.port)?ca=\(server.certificate)",
            ] {
                let failure = await #expect(throws: MailFailure.self) { try await transport(url).send(message()) }
                #expect(failure?.description.contains("secret") == false)
            }
            let arrived = try server.mails
            #expect(arrived.isEmpty)
        }
        try await MailServer.with("plain") { server in
            await #expect(throws: MailFailure.self) { try await transport("smtp://localhost:\(server.port)").send(message()) }
            let arrived = try server.mails
            #expect(arrived.isEmpty)
        }
    }

    @Test func wordsBeforeTheHandshakeAreNotTheServers() async throws {
        try await MailServer.with("inject") { server in
            let failure = await #expect(throws: MailFailure.self) {
                try await transport("smtp://localhost:\(server.port)?ca=\(server.certificate)").send(message())
            }
            #expect(failure?.description.contains("between STARTTLS and the handshake") == true)
        }
    }

    @Test func aFolderTakesMailsForItsOwnerOnly() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tessera-mailbox-\(UUID().uuidString)/mail").path
        let transport = MailboxTransport(directory: folder)
        let message = message()
        try await transport.send(message)
        let attributes = try FileManager.default.attributesOfItem(atPath: transport.path(of: message))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try Data(contentsOf: URL(filePath: transport.path(of: message))) == Data(message.rfc5322))
        try FileManager.default.removeItem(atPath: folder)
    }
}
