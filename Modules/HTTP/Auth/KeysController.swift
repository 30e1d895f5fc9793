package import Auth
import HTTPTypes
import Hummingbird

/// The public halves of the signing keys, for services that verify access tokens themselves.
package struct KeysController: Sendable {
    private let ring: KeyRing

    package init(ring: KeyRing) { self.ring = ring }

    /// Outside of `/api/v1`, where everyone looks for it (RFC 8615).
    package static let routes: [Route<API>] = [.open(.get, "/.well-known/jwks.json", "getKeys") { $0.keys.list }.revalidated]

    @Sendable func list(_ call: Call) async throws -> Response {
        // Read again before a new key signs.
        try Answer.taggedJSON(
            KeySetBody(keys: ring.keys.published.map(KeySetBody.Key.init)), headers: [.cacheControl: "public, max-age=30"]
        ).response
    }
}

/// A JSON Web Key set (RFC 7517 §5) of Ed25519 keys (RFC 8037 §2).
struct KeySetBody: Encodable, Sendable {
    let keys: [Key]

    struct Key: Encodable, Sendable {
        let kty = "OKP"
        let crv = "Ed25519"
        let use = "sig"
        let alg = "EdDSA"
        let kid: String
        let x: String

        init(_ key: PublishedKey) {
            kid = key.id
            x = key.x
        }
    }
}
