import Mail
import Testing

/// Only what is an address, and nothing that ends a line, gets into a header or a command.
@Suite struct MailAddressTests {
    @Test(arguments: [
        "a@example.com", "first.last+tag@mail.example.com", "root@localhost", "o'neil@x.org", "jörg@müller.example", "a@xn--mller-kva.example",
        "user@例え.テスト",
    ])
    func addressIsAccepted(_ text: String) throws {
        #expect(try MailAddress(address: text).address == text)
    }

    @Test(arguments: [
        "", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b c", " a@b", "a@b ", "a@b\n", "a@b\r\nBcc: c@d", "a\r\n@b", "a\u{0}@b", "a@b\u{0}", "<a@b>",
        "a@b>", "a>@b", "a,b@c", "a@b,c", "\"a\"@b", ".a@b", "a.@b", "a..b@c", "a@b..c", "a@.b", "a@b.", "a@-b", "a@b-", "a@[127.0.0.1]", "a:b@c",
        "a;b@c", "a(c)@b", "a\\@b", "a\u{85}@b", "a\u{2028}@b", "a\u{200B}@b", "a@b\u{FEFF}", "a\t@b", "a@b_c", "\u{301}\r\n@b",
    ])
    func nonAddressIsRefused(_ text: String) throws {
        let failure = try #require(throws: MailFailure.self) { try MailAddress(address: text) }
        #expect(failure.isPermanent)
    }

    @Test func lengthsAreBounded() throws {
        let label = String(repeating: "d", count: 63)
        let domain = "\(label).\(label).\(label)"
        #expect(throws: Never.self) { try MailAddress(address: String(repeating: "l", count: 62) + "@" + domain) }
        #expect(throws: MailFailure.self) { try MailAddress(address: String(repeating: "l", count: 63) + "@" + domain) }
        #expect(throws: MailFailure.self) { try MailAddress(address: String(repeating: "l", count: 65) + "@d") }
        #expect(throws: MailFailure.self) { try MailAddress(address: "a@d" + label) }
        #expect(throws: MailFailure.self) { try MailAddress(name: String(repeating: "n", count: 257), address: "a@b") }
    }

    @Test(arguments: ["a\r\nBcc: x@y", "a\nb", "a\rb", "a\u{0}b", "a\u{7F}", "a\u{85}b", "a\u{2028}b", "\r\n", "a\tb"])
    func nameWithControlCharactersIsRefused(_ name: String) {
        #expect(throws: MailFailure.self) { try MailAddress(name: name, address: "a@b") }
    }

    @Test func refusalDoesNotQuoteTheAddress() throws {
        let failure = try #require(throws: MailFailure.self) { try MailAddress(address: "secret name@example.com") }
        #expect(!"\(failure) \(String(reflecting: failure))".contains("secret"))
    }
}
