import Domain
import FoundationEssentials
import Testing

/// Values that come from outside.
@Suite struct ValueTests {
    @Test(arguments: [
        ("203.0.113.7", "203.0.113.7"), ("0.0.0.0", "0.0.0.0"), ("::1", "::1"), ("::", "::"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("::ffff:203.0.113.7", "203.0.113.7"), ("::ffff:cb00:7107", "203.0.113.7"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1::8", "1::8"),
        ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
    ])
    func addressesAreRead(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(bytes: address.bytes) == address)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "1..2.3", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
        "12345::", "g::",
        "fe80::1%eth0", "1:2:3:4:5:6:7:8::", "::1.2.3",
    ])
    func otherTextsAreNoAddresses(text: String) { #expect(IPAddress(text) == nil) }

    @Test func customersOfIPv6AreCountedByTheirNetwork() {
        #expect(IPAddress("2001:db8::1")?.network == IPAddress("2001:db8::ffff:0:1")?.network)
        #expect(IPAddress("2001:db8:0:1::1")?.network != IPAddress("2001:db8::1")?.network)
        #expect(IPAddress("10.0.0.1")?.network == IPAddress("10.0.0.1"))
    }

    @Test(arguments: [("Acme Inc.", "acme-inc"), ("  Ünï & co ", "n-co"), ("!!", "tenant"), ("a", "tenant"), ("x--y__z", "x-y-z")])
    func slugsAreMadeOfNames(name: String, slug: String) {
        #expect(Slug(derivedFrom: name).text == slug)
        #expect(Slug(Slug(derivedFrom: name).disambiguated().text) != nil)
    }

    @Test(arguments: ["ab", "-abc", "abc-", "a--b", "Abc", "a b c", String(repeating: "x", count: 41), ""])
    func otherTextsAreNoSlugs(text: String) { #expect(Slug(text) == nil) }

    @Test func emailsAreComparedInOneForm() {
        #expect(EmailAddress(" Ada@Example.COM ")?.text == "ada@example.com")
        for text in ["", "a", "@b.c", "a@", "a@b", "a@@b.c", "a b@c.de", "a@b..c", "a\u{0}@b.cd", String(repeating: "x", count: 65) + "@b.cd"] {
            #expect(EmailAddress(text) == nil, "\(text)")
        }
    }

    @Test func statusFiltersAreAStatusOrAClass() {
        #expect(UsageFilter.StatusFilter("4xx")?.range == 400...499)
        #expect(UsageFilter.StatusFilter("204")?.range == 204...204)
        for text in ["", "6xx", "0xx", "xx", "20", "2000", "099", "600", "4XX", "٤xx"] { #expect(UsageFilter.StatusFilter(text) == nil, "\(text)") }
    }

    @Test func secretsDontPrint() {
        let token = PlainToken("tsr_secret")
        #expect("\(token)" == "PlainToken(redacted)")
        #expect(String(reflecting: token) == "PlainToken(redacted)")
        #expect(Mirror(reflecting: token).children.isEmpty)
        #expect(token.reveal() == "tsr_secret")
    }
}
