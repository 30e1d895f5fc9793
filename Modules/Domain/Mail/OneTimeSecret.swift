package import FoundationEssentials

/// What a mailed secret is good for.
package enum SecretPurpose: String, Sendable, CaseIterable {
    case passwordReset = "password_reset"
    case emailConfirmation = "email_confirmation"
    case invitation

    /// How long one holds, in seconds. A reset is short (ASVS 5.0 6.5.5).
    package var lifetime: TimeInterval {
        switch self {
        case .passwordReset: 10 * 60
        case .emailConfirmation: 86_400
        case .invitation: Invitation.lifetime
        }
    }
}

/// A mailed secret as it is stored and compared.
package struct OneTimeSecret: Sendable {
    package let purpose: SecretPurpose
    package let id: UUID
    package let hash: HashedToken

    package init(purpose: SecretPurpose, id: UUID, hash: HashedToken) {
        self.purpose = purpose
        self.id = id
        self.hash = hash
    }
}
