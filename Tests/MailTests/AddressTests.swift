import Foundation
import Mail
import Testing

/// Nothing that a caller gives can break out of a header, a command or a URL.
@Suite struct AddressTests {
    @Test(arguments: ["a@b\r\nBcc: c@d", "a b@c", "<a@b>", "a@b>", "a", "@b", "a@", "a@b@c", "a\u{0}@b", "a;b@c", "", "a@b\u{2028}"])
    func otherTextsAreNoAddresses(text: String) { #expect(MailAddress(text) == nil) }

    @Test func namesAreReadAndCantInject() throws {
        #expect(MailAddress(parsing: "Ada Lovelace <ada@example.com>") == MailAddress("ada@example.com", name: "Ada Lovelace"))
        #expect(MailAddress(parsing: "\"Ada, L.\" <ada@example.com>")?.name == "Ada, L.")
        #expect(MailAddress(parsing: "ada@example.com")?.name == nil)
        #expect(MailAddress("ada@example.com", name: "Ada\r\nBcc: x@y") == nil)
        let message = MailMessage(
            from: try #require(MailAddress("a@example.com")), to: try #require(MailAddress("b@example.com")), subject: "Hi\r\nBcc: x@y\r\n\r\nbody",
            text: "text", id: UUID(), date: Date())
        #expect(!String(decoding: message.rfc5322, as: UTF8.self).contains("\r\nBcc:"))
    }

    @Test(arguments: [
        "http://host", "smtp://", "smtp://host:0", "smtp://host:99999", "smtps://host?tls=none", "smtp://host?tls=maybe", "smtp://host?x=1",
        "smtp://user:secret@mail.example.com?tls=none", "smtp://host?timeout=0", "smtp://us%er:secret@host", "mail.example.com",
    ])
    func badURLsAreRefusedWithoutQuotingThem(url: String) {
        let error = #expect(throws: SMTPConfiguration.Invalid.self) { try SMTPConfiguration(url: url) }
        #expect(error?.description.contains("secret") == false)
    }

    @Test func urlsSayAllThereIs() throws {
        let configuration = try SMTPConfiguration(url: "smtp://ada%40x:p%3Aw%2F@[::1]:2525?ca=/tmp/ca.pem&timeout=5")
        #expect(configuration.host == "::1")
        #expect(configuration.port == 2525)
        #expect(configuration.user == "ada@x")
        #expect(configuration.timeout == 5)
        #expect(try SMTPConfiguration(url: "smtps://mail.example.com").port == 465)
        #expect(try SMTPConfiguration(url: "smtp://mail.example.com").port == 587)
    }
}
