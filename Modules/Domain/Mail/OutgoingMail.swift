package import FoundationEssentials

/// What a mail is about.
package enum MailKind: String, Sendable, CaseIterable {
    case emailConfirmation = "email_confirmation"
    /// To the old address, when another is asked for.
    case emailChanged = "email_changed"
    case passwordReset = "password_reset"
    case passwordChanged = "password_changed"
    case invitation
    /// What a ``Notice`` says.
    case tokenNotice = "token_notice"

    /// The kind of secret that the mail carries; nil for a mere notice.
    package var secret: SecretPurpose? {
        switch self {
        case .emailConfirmation: .emailConfirmation
        case .passwordReset: .passwordReset
        case .invitation: .invitation
        case .emailChanged, .passwordChanged, .tokenNotice: nil
        }
    }
}

/// A mail to be sent, stored in the transaction of its cause. There is no secret in it: whoever sends it makes one.
package struct OutgoingMail: Sendable {
    package let id: UUID
    package let kind: MailKind
    /// The tenant it belongs to; the nil tenant where it is between a person and the platform.
    package let tenant: TenantID
    package let recipient: String
    /// The person, or the invitation; the nil id where only the address is known.
    package let subject: UUID
    package let createdAt: Date
    /// What the text says beside its kind, by name; no secret.
    package let details: [String: String]

    package init(
        _ kind: MailKind, to recipient: String, about subject: UUID, in tenant: TenantID = .platform, id: UUID? = nil, at time: Date,
        details: [String: String] = [:]
    ) {
        self.id = id ?? .v7(at: time)
        self.kind = kind
        self.tenant = tenant
        self.recipient = recipient
        self.subject = subject
        createdAt = time
        self.details = details
    }
}

extension Identifier where Entity == Tenant {
    /// What belongs to no tenant belongs to the nil one (RFC 9562 §5.9).
    package static var platform: TenantID { TenantID(.zero) }
}

extension UUID {
    /// All bits zero.
    package static let zero = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
}
