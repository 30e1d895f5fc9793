package import FoundationEssentials

/// The keys that sign access tokens; the private half is sealed before it gets here.
package protocol SigningKeyStore: Sendable {
    /// All keys that may verify at `now`, newest first.
    func keys(at now: Date) async throws -> [StoredSigningKey]
    /// Stores `key` unless there is one already, and answers all there are, newest first: two nodes at their first start agree on one.
    func insertFirst(_ key: StoredSigningKey, at now: Date) async throws -> [StoredSigningKey]
    /// Stores `key`; those that are there already stop verifying at `end`, or when they were to anyway.
    func rotate(to key: StoredSigningKey, retiringOthersAt end: Date, _ audit: AuditEntry) async throws
}

package struct StoredSigningKey: Sendable {
    package let id: String
    /// The 32 bytes of an Ed25519 public key (RFC 8032 §5.1.5).
    package let publicKey: [UInt8]
    /// The private key under authenticated encryption.
    package let sealedPrivateKey: [UInt8]
    package let createdAt: Date

    package init(id: String, publicKey: [UInt8], sealedPrivateKey: [UInt8], createdAt: Date) {
        self.id = id
        self.publicKey = publicKey
        self.sealedPrivateKey = sealedPrivateKey
        self.createdAt = createdAt
    }
}
