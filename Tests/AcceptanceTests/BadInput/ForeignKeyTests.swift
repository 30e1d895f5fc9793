import Foundation
import Support
import Testing

/// Access tokens that somebody else made: their keys are never used, whatever the header says of them, and nobody goes and gets them.
@Suite struct ForeignKeyTests {
    @Test func noHeaderBringsItsOwnKey() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let published = try await api.get("/.well-known/jwks.json").body.keys[0]
            let (kid, x) = (try #require(published.kid.string), try #require(published.x.string))
            try await Forger.with(ada.accessToken, kid: kid, publicKey: x) { forger in
                #expect(forger.tokens.count > 50)
                for token in forger.tokens {
                    let reply = try await api.get("/api/v1/me", as: token)
                    #expect(reply.status == 401, "\(Self.header(of: token))")
                    #expect(reply.body.detail.string == "The access token is unknown, malformed or no longer valid.", "\(Self.header(of: token))")
                }
                #expect(forger.wasAsked == 0)
            }
            #expect(try await api.get("/api/v1/me", as: ada.accessToken).status == 200)
        }
    }

    private static func header(of token: String) -> String {
        let part = token.prefix { $0 != "." }.replacing("-", with: "+").replacing("_", with: "/")
        let padded = part + String(repeating: "=", count: (4 - part.count % 4) % 4)
        return Data(base64Encoded: String(padded)).map { String(decoding: $0, as: UTF8.self) } ?? token
    }
}

/// Signs the claims of a real access token with keys of its own, and serves those keys to whoever asks.
private struct Forger {
    let tokens: [String]
    private let process: ChildProcess

    static func with(_ token: String, kid: String, publicKey: String, _ body: (Forger) async throws -> Void) async throws {
        let process = try ChildProcess(PythonServer.python(), ["-c", script, token, kid, publicKey])
        defer { process.signal(SIGKILL) }
        try await eventually("the forger serves its keys") {
            guard process.isRunning else { throw Missing(what: process.standardError) }
            return process.standardOutput.contains("serving\n")
        }
        try await body(Forger(tokens: process.lines("token "), process: process))
    }

    /// How often somebody fetched its keys.
    var wasAsked: Int { process.lines("asked").count }

    private static let script = #"""
        import base64, hashlib, hmac, http.server, json, sys
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives import serialization as form
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        def encode(data): return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
        def decode(text): return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

        payload, real, published = sys.argv[1].split(".")[1], sys.argv[2], decode(sys.argv[3])
        key = Ed25519PrivateKey.generate()
        raw = key.public_key().public_bytes(form.Encoding.Raw, form.PublicFormat.Raw)
        jwk = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "x": encode(raw)}

        class Keys(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                print("asked", flush=True)
                body = json.dumps({"keys": [jwk | {"kid": real}, jwk | {"kid": "theirs"}]}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *arguments): pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keys)
        url = f"http://127.0.0.1:{server.server_port}/jwks.json"
        good = {"alg": "EdDSA", "typ": "at+jwt"}

        # In the spelling of the real ones, so that it isn't the spelling that is refused.
        def spell(header): return json.dumps(header, separators=(",", ":"), sort_keys=True).encode()

        def put(header, sign=key.sign):
            text = encode(header if isinstance(header, bytes) else spell(header)) + "." + payload
            print("token", text + "." + encode(sign(text.encode())), flush=True)

        for kid in [real, "theirs"]:
            for more in [{}, {"jwk": jwk}, {"jwk": jwk | {"kid": kid}}, {"jku": url}, {"x5u": url}, {"x5c": [encode(raw)]},
                         {"jku": url, "crit": ["jku"]}, {"b64": False, "crit": ["b64"]}, {"crit": []}, {"zip": "DEF"}, {"cty": "JWT"}]:
                put(good | {"kid": kid} | more)
        for kid in ["../../../../../../dev/null", "/dev/null", "file:///dev/null", url, "' OR '1'='1", "' UNION SELECT 'x' -- ", real + "\u0000",
                    real + "/../" + real, real.upper(), " " + real, "x" * 2500, "x" * 10240, "", None, 7, True, [real], {"kid": real}]:
            put(good | {"kid": kid})
            put(good | {"kid": kid}, lambda text: b"\0" * 64)
        for typ in ["JWT", "AT+JWT", "application/at+jwt", "id_token", "refresh+jwt", None, 1]:
            put(good | {"kid": real, "typ": typ})
        for algorithm in ["none", "None", "nOnE", "NONE", "", None]:
            for sign in [lambda text: b"", lambda text: b"\0" * 64]:
                put({"alg": algorithm, "typ": "at+jwt", "kid": real}, sign)
        pem = Ed25519PublicKey.from_public_bytes(published).public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
        for name, digest in [("HS256", hashlib.sha256), ("HS512", hashlib.sha512)]:
            for secret in [published, sys.argv[3].encode(), pem, pem.strip(), b""]:
                put({"alg": name, "typ": "at+jwt", "kid": real}, lambda text: hmac.new(secret, text, digest).digest())
        # The identity element as a key, and as a signature: weak libraries take them.
        put(good | {"kid": real}, lambda text: b"\1" + b"\0" * 63)
        put(good | {"kid": real}, lambda text: b"\0" * 64)
        header = spell(good).decode()[:-1]
        put(f'{header},"kid":"theirs","kid":"{real}"}}'.encode())
        put(f'{header},"alg":"none","kid":"{real}"}}'.encode(), lambda text: b"")
        # Other serialisations (RFC 7515 §7.2), and an encrypted one.
        print("token", json.dumps({"payload": payload, "protected": encode(spell(good | {"kid": real})), "signature": encode(b"\0" * 64)}))
        print("token", ".".join([encode(b'{"alg":"dir","enc":"A256GCM"}'), "", "AAAA", payload, "AAAA"]))
        print("serving", flush=True)
        server.serve_forever()
        """#
}

extension ChildProcess {
    /// What stands behind `word` in the lines that begin with it.
    fileprivate func lines(_ word: String) -> [String] {
        standardOutput.split(separator: "\n").filter { $0.hasPrefix(word) }.map { String($0.dropFirst(word.count)) }
    }
}
