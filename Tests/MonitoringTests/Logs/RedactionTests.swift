import Foundation
import Logging
import Monitoring
import Testing

/// The second wall: a secret that someone logs by mistake is not in the line.
struct RedactionTests {
    static let secret = "4fK9xQ2bTsW81mZpLc0Rv7"

    static let leaks: [String] = [
        "tsr_" + String(repeating: "a1B2c3D4e5F", count: 4) + "_" + String(repeating: "Zz9", count: 16),
        "tss_" + secret + secret + "_" + secret + secret,
        "tsf_" + secret + secret,
        "tsd_" + secret,
        "tsi_" + secret + secret,
        "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl_-8",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
        "postgresql://tessera_app:\(secret)@db.internal:5432/tessera",
        "redis://:\(secret)@cache:6379",
        "host=/tmp user=tessera password=\(secret) sslmode=require",
        "https://example.org/?user=a&password=\(secret)&x=1",
        "password='\(secret) \(secret)' host=/tmp", "Password=\"\(secret)\" given",
        "postgresql://tessera:a\"\(secret)@db/tessera",
        "Authorization: Bearer \(secret).\(secret)", "authorization: bearer \(secret)/\(secret)+==",
    ]

    @Test(arguments: leaks) func whatLooksLikeASecretIsNotLogged(text: String) throws {
        for layout in [LogLayout.json, .text] {
            let lines = CapturedLog(layout).lines { logger in
                logger.error("failed: \(text)")
                logger.error("failed (\(text))", metadata: ["text": "\(text)", "list": ["\(text)"], "fields": ["deep": .stringConvertible(text)]])
            }
            #expect(lines.count == 2)
            for line in lines {
                #expect(line.contains("[redacted]"))
                #expect(!line.contains(Self.secret) && !line.contains(text), "\(line)")
                #expect(!line.contains("c2lnbmF0dXJl") && !line.contains("eyJzdWIiOiJ4In0"), "\(line)")
            }
        }
    }

    @Test(arguments: leaks) func theLineStaysJSON(text: String) throws {
        let object = try #require(CapturedLog().objects { $0.error("failed: \(text), once more", metadata: ["after": "kept"]) }.first)
        #expect((object["message"] as? String)?.hasPrefix("failed: ") == true)
        #expect(object["after"] as? String == "kept")
    }

    @Test(arguments: [
        "request", "tests_passed_in_12345678", "https://example.org:8080/api/v1/tokens",
        "postgresql://db.internal/tessera",
        "the password is too short", "2f9d7f3e-6f0a-4e35-9c1b-0d3b2a7c9e11", "Bearer", "eyJ", "tsr_",
        "user@example.org", "tsr_4fK9xQ2b",
    ])
    func ordinaryTextIsLeftAlone(text: String) throws {
        let object = try #require(CapturedLog().objects { $0.info("\(text)") }.first)
        #expect(object["message"] as? String == text)
    }

    /// On the finished line, where a tab is `\t`, this would look like a token.
    @Test func anEscapeSequenceIsNotCutInTwo() throws {
        let object = try #require(CapturedLog().objects { $0.info("\tsr_\(Self.secret)") }.first)
        #expect(object["message"] as? String == "\tsr_\(Self.secret)")
    }
}
