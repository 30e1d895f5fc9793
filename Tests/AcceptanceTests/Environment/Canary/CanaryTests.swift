import Foundation
import Testing

/// What looks for secrets after every test finds them.
@Suite struct CanaryTests {
    @Test func aSecretInARowAFileOrAnotherResponseIsSeen() async throws {
        let leaked = try #require(
            await #expect(throws: Leaked.self) {
                try await RunningAPI.with { api in
                    let ada = try await api.register()
                    let token = try await api.token(ada)
                    // A caller who gives it away: as a name it is stored, audited and shown.
                    _ = try await api.token(ada, name: token.secret)
                    try Data("refresh: \(ada.refreshToken)".utf8).base64EncodedData().write(to: URL(filePath: api.home + "/left"))
                }
            })
        for leak in ["token as plain in response 2", "token as plain in table tessera.api_tokens"] {
            #expect(leaked.leaks.contains(leak), "\(leaked.leaks)")
        }
        #expect(leaked.leaks.contains { $0.hasPrefix("refreshToken as base64 in ") && $0.hasSuffix("/left") }, "\(leaked.leaks)")
        #expect(!leaked.leaks.contains { $0.hasSuffix("response 0") || $0.hasSuffix("response 1") }, "\(leaked.leaks)")
    }
}
