import Domain
import Testing

@Suite struct Base64URLTests {
    @Test(arguments: [[], [0], [0xFF, 0xFE], [1, 2, 3], [0xFB, 0xEF, 0xBE, 0xFF]] as [[UInt8]])
    func bytesComeBack(bytes: [UInt8]) {
        #expect(Base64URL.decode(Base64URL.encode(bytes).utf8).map(Array.init) == bytes)
    }

    @Test(arguments: ["AA==", "A", "AB", "+/8", "AA\n", "é"])
    func otherSpellingsAreRefused(text: String) { #expect(Base64URL.decode(text.utf8) == nil) }
}
