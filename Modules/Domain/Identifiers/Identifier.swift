package import FoundationEssentials

/// The UUID of one `Entity`; ids of different entities are different types, so they can't be mixed up.
///
/// Printed and encoded in lower case with hyphens (RFC 9562 §4).
package struct Identifier<Entity>: Hashable, Sendable, CustomStringConvertible {
    package let uuid: UUID

    package init(_ uuid: UUID) { self.uuid = uuid }

    /// The id that `text` spells in the usual 36-character form, or nil.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 36, let uuid = UUID(uuidString: String(text)) else { return nil }
        self.uuid = uuid
    }

    package var description: String { uuid.lowercased }
}

extension Identifier: Comparable {
    /// In the order of PostgreSQL's `uuid`: byte by byte.
    package static func < (one: Self, other: Self) -> Bool { one.uuid < other.uuid }
}

extension Identifier: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

package typealias TenantID = Identifier<Tenant>
package typealias UserID = Identifier<User>
package typealias SessionID = Identifier<Session>
package typealias NoticeID = Identifier<Notice>
package typealias RefreshTokenID = Identifier<RefreshToken>
package typealias TokenID = Identifier<APIToken>
package typealias InvitationID = Identifier<Invitation>
package typealias ServiceAccountID = Identifier<ServiceAccount>
package typealias IntrospectorID = Identifier<Introspector>
