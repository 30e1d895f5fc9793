import Crypto
package import Domain
package import FoundationEssentials

/// The Ed25519 keys of access tokens: the newest signs, all of them verify.
package struct SigningKeys: Sendable {
    let current: (id: String, key: Curve25519.Signing.PrivateKey)
    let verifying: [String: Curve25519.Signing.PublicKey]

    /// Reads the keys, or makes the first. Throws ``KeysUnreadable`` if they were sealed by another key.
    package static func load(from store: any SigningKeyStore, sealedBy sealingKey: KeyEncryptionKey, at now: Date) async throws -> SigningKeys {
        var stored = try await store.keys()
        if stored.isEmpty { stored = try await store.insertFirst(try makeKey(sealedBy: sealingKey, at: now)) }
        return try SigningKeys(stored, sealingKey)
    }

    private init(_ stored: [StoredSigningKey], _ sealingKey: KeyEncryptionKey) throws {
        guard let newest = stored.first, let secret = try? sealingKey.open(newest.sealedPrivateKey, context: newest.id),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: secret)
        else { throw KeysUnreadable() }
        current = (newest.id, key)
        verifying = try Dictionary(uniqueKeysWithValues: stored.map { ($0.id, try .init(rawRepresentation: $0.publicKey)) })
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
