package import FoundationEssentials

/// An entry of the audit log as it is read.
package struct AuditEvent: Sendable {
    package let id: UUID
    package let tenant: TenantID
    package let occurredAt: Date
    /// Without an id: the product itself, or somebody who proved nothing.
    package let actor: Party
    /// e.g. `token.created`.
    package let action: String
    package let target: Party
    package let ipAddress: IPAddress?
    package let requestID: UUID?
    /// What changed, by name, as a JSON object.
    package let changes: String

    package init(
        id: UUID, tenant: TenantID, occurredAt: Date, actor: Party, action: String, target: Party, ipAddress: IPAddress?, requestID: UUID?,
        changes: String
    ) {
        self.id = id
        self.tenant = tenant
        self.occurredAt = occurredAt
        self.actor = actor
        self.action = action
        self.target = target
        self.ipAddress = ipAddress
        self.requestID = requestID
        self.changes = changes
    }

    /// Who acted, or what was acted on.
    package struct Party: Sendable {
        /// e.g. `user`, `api_token`, `system`.
        package let kind: String
        package let id: String?

        package init(kind: String, id: String?) {
            self.kind = kind
            self.id = id
        }
    }
}

/// Which entries a list shows.
package struct AuditFilter: Sendable {
    package var actor: Actor?
    /// Exactly, e.g. `token.created`.
    package var action: String?
    /// The id of what was acted on, exactly.
    package var target: String?
    /// Inclusive.
    package var from: Date?
    /// Exclusive.
    package var to: Date?

    package init(actor: Actor? = nil, action: String? = nil, target: String? = nil, from: Date? = nil, to: Date? = nil) {
        self.actor = actor
        self.action = action
        self.target = target
        self.from = from
        self.to = to
    }

    /// Who acted.
    package enum Actor: Sendable, Hashable {
        /// A person, a token or a service account.
        case id(UUID)
        /// The product itself.
        case system
        /// Somebody who proved nothing.
        case anonymous

        /// An id, `system` or `anonymous`; nil for anything else.
        package init?(_ text: String) {
            switch text {
            case "system": self = .system
            case "anonymous": self = .anonymous
            default:
                guard text.utf8.count == 36, let id = UUID(uuidString: text) else { return nil }
                self = .id(id)
            }
        }
    }
}
