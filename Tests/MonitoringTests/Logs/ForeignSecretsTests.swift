import Domain
import Logging
import Monitoring
import Testing

/// Foreign tokens are taken out of the log like ours, since only their beginning tells them.
@Suite(.serialized) struct ForeignSecretsTests {
    private static let secret = "q8w7e6r5t4z3u2i1o0"

    @Test func whatBeginsLikeATenantsTokenIsNotLogged() {
        ForeignSecrets.known.set(["oldco_live_", "other+co_"].map { ForeignPrefix(text: $0, length: 40, alphabet: "0123456789abcdef") })
        defer { ForeignSecrets.known.set([]) }
        let texts = [
            "oldco_live_\(Self.secret)", "é oldco_live_\(Self.secret)é", "a oldco_live_ b oldco_live_\(Self.secret) c other+co_\(Self.secret)",
            "oldco_live_oldco_live_\(Self.secret)", "oldco_live_\(Self.secret.prefix(8))", "x=other+co_\(Self.secret)&y",
            "oldco_l oldco_live oldco_live_\(Self.secret)", "oldcooldco_live_\(Self.secret)", "other+co_short oldco_live_\(Self.secret)",
        ]
        for text in texts {
            let lines = CapturedLog(.json).lines { $0.error("\(text)", metadata: ["text": "\(text)"]) }
            #expect(lines.count == 1)
            for line in lines {
                #expect(line.contains("[redacted]"), "\(line)")
                #expect(!line.contains(Self.secret.prefix(8)), "\(line)")
            }
        }
        let plain = CapturedLog(.text).lines { $0.error("the prefix oldco_live_ was granted, oldco_live_short too") }
        #expect(plain.first?.contains("oldco_live_ was granted, oldco_live_short too") == true)
    }
}
