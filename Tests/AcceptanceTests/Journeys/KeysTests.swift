import Foundation
import Support
import Testing

/// The keys that sign access tokens are published, and rotate.
@Suite struct KeysTests {
    /// By PyJWT, which fetches the keys itself.
    @Test func othersVerifyOurTokensByThePublishedKeys() async throws {
        guard let python = ProcessInfo.processInfo.environment["TESSERA_TEST_PYTHON"] else {
            throw Missing(what: "TESSERA_TEST_PYTHON: run the tests by scripts/test")
        }
        let script = """
            import jwt, sys
            key = jwt.PyJWKClient(sys.argv[1] + "/.well-known/jwks.json").get_signing_key_from_jwt(sys.argv[2])
            claims = jwt.decode(sys.argv[2], key.key, algorithms=["EdDSA"], audience="tessera-api", issuer="tessera")
            print(jwt.get_unverified_header(sys.argv[2])["typ"], claims["sub"], claims["tenant"])
            """
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let verified = try await run(python, ["-c", script, api.url, ada.accessToken])
            #expect(verified.output == "at+jwt \(ada.user) \(ada.tenant)\n", "\(verified.errors)")
            let parts = ada.accessToken.split(separator: ".")
            let forged = try await run(python, ["-c", script, api.url, "\(parts[0]).\(parts[1]).\(String(parts[2].reversed()))"])
            #expect(forged.code != 0)
        }
    }

    @Test func keysAreRotatedAndPublished() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let before = try await api.get("/.well-known/jwks.json")
            #expect(before.header("Cache-Control") == "public, max-age=30")
            #expect(before.body.keys.array.map(\.crv.string) == ["Ed25519"])
            let rotation = try await run(
                try Checkout.executable("tessera-api"), ["keys", "rotate"], environment: RunningAPI.environment(for: api.database))
            #expect(rotation.code == 0, "\(rotation.errors)")
            try await eventually("the node has read the new key", within: .seconds(60)) {
                try await api.get("/.well-known/jwks.json").body.keys.array.count == 2
            }
            #expect(try await api.get("/api/v1/me", as: ada.accessToken).status == 200)
        }
    }
}
