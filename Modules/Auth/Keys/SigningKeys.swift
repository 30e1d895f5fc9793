import Crypto
package import Domain
package import FoundationEssentials

/// The Ed25519 keys of access tokens at one moment: one signs, all of them verify.
package struct SigningKeys: Sendable {
    let current: (id: String, key: Curve25519.Signing.PrivateKey)
    let verifying: [String: Curve25519.Signing.PublicKey]
    /// The same by what a token of theirs begins with: no other header is ours, so none is ever decoded.
    let verifyingByHeader: [String: Curve25519.Signing.PublicKey]

    /// Reads the keys, or makes the first. Throws ``KeysUnreadable`` if they were sealed by another key.
    package static func load(from store: any SigningKeyStore, sealedBy sealingKey: KeyEncryptionKey, at now: Date) async throws -> SigningKeys {
        var stored = try await store.keys(at: now)
        if stored.isEmpty { stored = try await store.insertFirst(try makeKey(sealedBy: sealingKey, at: now), at: now) }
        return try SigningKeys(stored, sealingKey, at: now)
    }

    /// How long a key is known before it signs, in seconds: by then every node has read it, and whoever reads the published keys
    /// has had the time to.
    package static let lead: TimeInterval = 60
    /// How long after a rotation the older keys verify, in seconds: they sign for ``lead`` yet, and what they signed lives.
    package static let overlap: TimeInterval = lead + Double(AccessTokens.lifetime) + 60

    private init(_ stored: [StoredSigningKey], _ sealingKey: KeyEncryptionKey, at now: Date) throws {
        // The newest that has been known for long enough; on the very first start there is only one.
        guard let signing = stored.first(where: { $0.createdAt <= now - Self.lead }) ?? stored.last,
            let secret = try? sealingKey.open(signing.sealedPrivateKey, context: signing.id),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: secret)
        else { throw KeysUnreadable() }
        current = (signing.id, key)
        verifying = try Dictionary(uniqueKeysWithValues: stored.map { ($0.id, try .init(rawRepresentation: $0.publicKey)) })
        verifyingByHeader = Dictionary(uniqueKeysWithValues: verifying.map { (JWS.header($0.key), $0.value) })
    }

    /// Makes another key, which takes over after ``lead``; the ones there are end after ``overlap``. Nobody is logged out.
    /// Answers its id. Throws ``KeysUnreadable`` if those that are there were sealed by another key.
    package static func rotate(_ store: any SigningKeyStore, sealedBy sealingKey: KeyEncryptionKey, at now: Date) async throws -> String {
        let stored = try await store.keys(at: now)
        if !stored.isEmpty { _ = try SigningKeys(stored, sealingKey, at: now) }
        let key = try makeKey(sealedBy: sealingKey, at: now)
        let origin = Origin(ipAddress: nil, userAgent: nil, requestID: .v7(at: now))
        let audit = AuditEntry(.signingKeyRotated, of: .signingKey(key.id), by: .system, from: origin, at: key.createdAt)
        try await store.rotate(to: key, retiringOthersAt: key.createdAt + overlap, audit)
        return key.id
    }

    /// The public halves, to be published, by id.
    package var published: [PublishedKey] {
        verifying.map { PublishedKey(id: $0.key, x: Base64URL.encode($0.value.rawRepresentation)) }.sorted { $0.id < $1.id }
    }

    private static func makeKey(sealedBy sealingKey: KeyEncryptionKey, at now: Date) throws -> StoredSigningKey {
        let key = Curve25519.Signing.PrivateKey()
        let id = UUID.v7(at: now).lowercased
        return StoredSigningKey(
            id: id, publicKey: Array(key.publicKey.rawRepresentation),
            sealedPrivateKey: try sealingKey.seal(Array(key.rawRepresentation), context: id), createdAt: now.microseconds)
    }
}

/// The signing keys in the database were sealed by another key-encryption key.
package struct KeysUnreadable: Error {}

/// The public half of a signing key as a JSON Web Key carries it (RFC 8037 §2).
package struct PublishedKey: Sendable {
    package let id: String
    /// 32 bytes as base64url.
    package let x: String
}
