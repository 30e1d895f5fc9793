import Domain
import Foundation
import Support
import Testing

@testable import Auth

/// What Docs/TokenFormat.md tells scanners is so.
@Suite struct TokenFormatPageTests {
    private let page: String

    init() throws { page = try String(contentsOfFile: Checkout.path("Docs/TokenFormat.md"), encoding: .utf8) }

    /// The lines between fences that begin with `start`.
    private func example(_ start: String) throws -> String {
        try #require(page.split(separator: "\n").map(String.init).first { $0.hasPrefix(start) && !$0.contains("…") && !$0.hasPrefix("curl") })
    }

    @Test func thePublishedExpressionFindsEveryTokenAndNothingAlmostRight() throws {
        let expression = try Regex(try example(#"\b"#))
        for owner in [SubjectID.user(UserID(UUID())), .serviceAccount(ServiceAccountID(UUID()))] {
            for _ in 0..<100 {
                let token = APITokenMint().mint(TokenID(UUID()), for: owner, in: TenantID(UUID())).plain.reveal()
                let found = "TOKEN=\"\(token)\" # ours".matches(of: expression).map { String($0.output[0].substring ?? "") }
                #expect(found == [token])
                for wrong in ["x" + token, token + "0", String(token.dropLast()), token.replacing("_", with: "-"), "tsx" + token.dropFirst(3)] {
                    #expect(wrong.firstMatch(of: expression) == nil)
                }
            }
        }
    }

    @Test func theWorkedExampleIsATokenByItsForm() throws {
        let example = try example("tsr_00")
        let parsed = try #require(APITokenFormat.parse(example))
        #expect(parsed.id == TokenID(.zero))
        #expect(parsed.tenant == TenantID(.zero))
        #expect(example.utf8.count == 98)
        #expect(APITokenFormat.parse(example.dropLast() + "0") == nil || example.hasSuffix("0"))
    }
}
