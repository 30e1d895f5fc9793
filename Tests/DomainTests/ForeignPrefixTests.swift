import Domain
import Testing

/// What another system's tokens may look like.
@Suite struct ForeignPrefixTests {
    private static let letters = "abcdefghijklmnopqrstuvwxyz"

    private func faults(_ text: String, length: Int = 40, alphabet: String = letters) -> [String] {
        ForeignPrefix(text: text, length: length, alphabet: alphabet).faults.map { "\($0.pointer) \($0.code)" }
    }

    @Test(arguments: ["acme_live_", "ghp_ab", "glpat-", "sk.live", "tsr-ab", "TSR_ab", "ts1_ab", "tsrr_a", "eyjabc"])
    func otherSystemsPrefixesAreFine(_ text: String) { #expect(faults(text).isEmpty) }

    @Test(arguments: ["tsr_ab", "tss_ab", "tsf_ab", "tsd_ab", "tsm_ab", "tsz_ab", "eyJabc"])
    func oursAreReserved(_ text: String) { #expect(faults(text) == ["/prefix reserved"]) }

    @Test(arguments: ["acme live", "acmé_live", "acme=live", "acme\"live", "acme\u{0}live", "acme,live"])
    func whatNoBearerTokenHoldsIsInNoPrefix(_ text: String) { #expect(faults(text) == ["/prefix invalid"]) }

    @Test func alphabetsHaveEachCharacterOnce() {
        #expect(faults("acme_live_", alphabet: Self.letters + "a") == ["/alphabet repeated"])
        #expect(faults("acme_live_", alphabet: Self.letters + " ") == ["/alphabet invalid"])
        #expect(faults("acme_live_", alphabet: Self.letters + "é") == ["/alphabet invalid"])
    }

    /// 4 bits a hexadecimal digit: 28 are 112.
    @Test func tokensThatCanBeGuessedAreRefused() {
        #expect(faults("acme_live_", length: 38, alphabet: "0123456789abcdef").isEmpty)
        #expect(faults("acme_live_", length: 37, alphabet: "0123456789abcdef") == ["/length too_short"])
        #expect(faults("acme_live_acme_live_acme_live_", length: 20) == ["/length too_short"])
    }

    @Test func hashesHaveOneSpelling() {
        let digits = "0123456789abcdef"
        let text = String(repeating: digits, count: 4)
        #expect(HashedToken(hex: text)?.bytes.prefix(3) == [0x01, 0x23, 0x45])
        for wrong in [text.uppercased(), String(text.dropLast()), text + "0", text.replacing("f", with: "g"), "", text.replacing("0", with: "é")] {
            #expect(HashedToken(hex: wrong) == nil, "\(wrong)")
        }
    }
}
