package import Domain
import FoundationEssentials

/// An entry of the audit log.
package struct AuditEventBody: ExportRow {
    let id: String
    let occurredAt: String
    let actor: PartyBody
    let action: String
    let target: PartyBody
    @ExplicitNull var ipAddress: String?
    @ExplicitNull var requestId: String?
    let changes: JSONValue
    private let changesText: String

    struct PartyBody: Encodable, Sendable {
        let type: String
        @ExplicitNull var id: String?

        init(_ party: AuditEvent.Party) {
            type = party.kind
            id = party.id
        }
    }

    package init(_ event: AuditEvent) {
        id = event.id.lowercased
        occurredAt = RFC3339.format(event.occurredAt)
        actor = PartyBody(event.actor)
        action = event.action
        target = PartyBody(event.target)
        ipAddress = event.ipAddress?.description
        requestId = event.requestID?.lowercased
        changesText = event.changes
        changes = (try? Self.decoder.decode(JSONValue.self, from: Data(event.changes.utf8))) ?? .null
    }

    private static let decoder = JSONDecoder()

    private enum CodingKeys: String, CodingKey { case id, occurredAt, actor, action, target, ipAddress, requestId, changes }

    package static let columns = [
        "id", "occurredAt", "actorType", "actorId", "action", "targetType", "targetId", "ipAddress", "requestId", "changes",
    ]

    package var cells: [String?] {
        [id, occurredAt, actor.type, actor.id, action, target.type, target.id, ipAddress, requestId, changesText]
    }
}

package struct AuditEventsBody<Event: Encodable & Sendable>: Encodable, Sendable {
    let events: [Event]
    let pagination: PaginationBody

    package init(events: [Event], pagination: PaginationBody) {
        self.events = events
        self.pagination = pagination
    }
}
