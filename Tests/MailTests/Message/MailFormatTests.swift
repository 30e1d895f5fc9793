import Foundation
import Mail
import Support
import Testing

/// The bytes of a message are what RFC 5322 and MIME say, and what another program reads from them is what was put in.
@Suite struct MailFormatTests {
    @Test func wholeMessage() throws {
        let message = try MailMessage.sample(text: "Grüße = all\n.\nend", id: try #require(UUID(uuidString: "0191A7B2-0000-7000-8000-000000000001")))
        let expected = [
            "Date: Sun, 06 Nov 1994 08:49:37 +0000",
            "From: \"Tessera\"",
            " <no-reply@tessera.test>",
            "To: <reader@example.com>",
            "Subject: Confirm your address",
            "Message-ID: <0191a7b2-0000-7000-8000-000000000001@tessera.test>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
            "",
            "Gr=C3=BC=C3=9Fe =3D all",
            ".",
            "end",
            "",
        ]
        #expect(String(decoding: message.rfc5322(), as: UTF8.self) == expected.joined(separator: "\r\n"))
    }

    @Test(arguments: [
        "plain", "", "Überraschung für Sie", "日本語の件名がとても長いのでいくつもの行に分けなければならないときの例です。どうでしょうか。",
        String(repeating: "word ", count: 60), String(repeating: "x", count: 300), "=?utf-8?B?QQ==?=", "tail =?", "🧑‍🧑‍🧒‍🧒 family 👩🏽‍🚀",
        "e" + String(repeating: "\u{301}", count: 100),
    ])
    func subjectSurvives(_ subject: String) async throws {
        let parsed = try await Parsed(.sample(subject: subject))
        #expect(parsed.headers["Subject"]?.unicodeScalars.elementsEqual(subject.trimmingCharacters(in: .whitespaces).unicodeScalars) == true)
    }

    @Test(arguments: ["a\r\nBcc: victim@example.com", "a\nBcc: victim@example.com", "a\rBcc: x", "a\r\n\r\nbody", "ü\r\nBcc: x", "a\u{0}b", "\r\n"])
    func subjectCannotAddHeaders(_ subject: String) async throws {
        let parsed = try await Parsed(.sample(subject: subject))
        #expect(parsed.count == 9)
        #expect(parsed.headers["Bcc"] == nil)
        #expect(parsed.headers["Subject"]?.unicodeScalars.contains { $0.value < 0x20 } == false)
        #expect(parsed.text == "Hello.\n")
    }

    @Test(arguments: [
        "Tessera", "Jörg Müller", "Last, First", "say \"hi\" \\ there", "a <b@c>", "=?x?=", String(repeating: "long name ", count: 20) + "end",
        String(repeating: "ü", count: 120),
    ])
    func nameSurvives(_ name: String) async throws {
        let parsed = try await Parsed(.sample(from: MailAddress(name: name, address: "a@example.com")))
        #expect(parsed.fromName == name)
        #expect(parsed.fromAddress == "a@example.com")
        #expect(parsed.toAddress == "reader@example.com")
        #expect(parsed.seconds == 784_111_777)
    }

    @Test(arguments: [
        "one line\n", ".\n", "..\n.\n.a\n", "\n\n\n", "trailing space \nand tab\t\n", "a=b=3D\n", String(repeating: "long ", count: 500) + "\n",
        String(repeating: "ü", count: 500) + "\n", String(repeating: "x", count: 71) + "  \n", "Grüße 🎈\u{0}\u{1}\u{7F}\n", "From here\n",
    ])
    func textSurvives(_ text: String) async throws {
        #expect(try await Parsed(.sample(text: text)).text == text)
    }

    @Test(arguments: [("a\rb\r\nc\nd", "a\nb\nc\nd\n"), ("a\r\r\nb", "a\n\nb\n"), ("a\n\rb", "a\n\nb\n"), ("", ""), ("end", "end\n")])
    func lineEndsBecomeOne(_ text: String, _ expected: String) async throws {
        #expect(try await Parsed(.sample(text: text)).text == expected)
    }

    @Test func linesAreShortASCIIAndEndWithCRLF() throws {
        let message = try MailMessage.sample(
            from: MailAddress(name: String(repeating: "名前", count: 40), address: "a@example.com"), subject: String(repeating: "件名 ", count: 50),
            text: (0..<200).map { String(repeating: "ü ", count: $0) + String(repeating: " ", count: $0) }.joined(separator: "\n"))
        let bytes = message.rfc5322()
        #expect(bytes.allSatisfy { $0 < 0x7F && ($0 >= 0x20 || $0 == 13 || $0 == 10) })
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.unicodeScalars.filter { $0 == "\n" }.count == text.components(separatedBy: "\r\n").count - 1)
        #expect(text.hasSuffix("\r\n"))
        for line in text.components(separatedBy: "\r\n") {
            #expect(line.utf8.count <= 76)
            #expect(line.last != " ")
        }
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (1_709_210_096, "Thu, 29 Feb 2024 12:34:56 +0000"), (-1e15, "Mon, 01 Jan 1900 00:00:00 +0000"),
        (1e15, "Fri, 31 Dec 9999 23:59:59 +0000"),
    ])
    func dateIsWrittenInUTC(_ seconds: Double, _ expected: String) throws {
        let bytes = try MailMessage.sample(date: Date(timeIntervalSince1970: seconds)).rfc5322()
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("Date: \(expected)\r\n"))
    }
}

/// What Python's parser finds in a message.
private struct Parsed: Decodable {
    let headers: [String: String]
    let count: Int
    let fromName: String
    let fromAddress: String
    let toAddress: String
    let seconds: Double
    let text: String
    let defects: [String]

    init(_ message: MailMessage) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "tessera-mail-\(UUID().uuidString).eml")
        try Data(message.rfc5322()).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let finished = try await run(PythonServer.python(), [PythonServer.path("parse"), file.path])
        guard finished.code == 0 else { throw Missing(what: finished.errors) }
        self = try JSONDecoder().decode(Parsed.self, from: Data(finished.output.utf8))
        #expect(defects.isEmpty)
    }
}
