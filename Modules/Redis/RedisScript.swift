import Crypto

/// A Lua script that a server runs as one step: nothing else happens on it meanwhile.
package struct RedisScript: Sendable {
    let source: String
    /// What the server calls it once it has seen it: SHA-1 in hex, which names it and protects nothing.
    let digest: String

    package init(_ source: String) {
        self.source = source
        digest = Insecure.SHA1.hash(data: Array(source.utf8)).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }.joined()
    }
}
