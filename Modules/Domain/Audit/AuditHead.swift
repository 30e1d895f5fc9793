package import FoundationEssentials

/// The end of a tenant's chain at some moment, as the nodes log it: what was there then must be there ever after.
package struct AuditHead: Hashable, Sendable {
    package let tenant: TenantID
    package let place: AuditPlace
    /// When the entry was made; nil: it had been dropped by then.
    package let occurredAt: Date?

    package init(tenant: TenantID, place: AuditPlace, occurredAt: Date?) {
        self.tenant = tenant
        self.place = place
        self.occurredAt = occurredAt
    }
}

/// How a head is written to the log and read from there.
extension AuditHead {
    /// The line's message.
    package static let message = "audit head"

    /// The line's other members.
    package var fields: [String: String] {
        var fields = ["tenantId": tenant.description, "seq": String(place.seq), "hash": place.hash.description]
        fields["occurredAt"] = occurredAt.map(RFC3339.format)
        return fields
    }

    /// What a line of a log says of heads.
    package enum Line: Equatable, Sendable {
        case head(AuditHead)
        /// It is about something else.
        case other
        /// It is about a head, and damaged.
        case unreadable
    }

    /// Reads a line of either layout, JSON or text, with or without something before it.
    package static func read(_ line: String) -> Line {
        guard line.contains(message) else { return .other }
        let fields: [String: String]
        if let brace = line.firstIndex(of: "{") {
            guard let members = try? JSONDecoder().decode(Members.self, from: Data(line[brace...].utf8)) else { return .unreadable }
            guard members.message == message else { return .other }
            fields = members.fields
        } else {
            guard line.contains(" NOTICE \(message) ") else { return .other }
            let words = line.split(separator: " ").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }.filter { $0.count == 2 }
            fields = Dictionary(words.map { ($0[0], $0[1]) }) { _, last in last }
        }
        guard let tenant = fields["tenantId"].flatMap({ TenantID($0) }), let seq = fields["seq"].flatMap({ Int64($0) }),
            let hash = fields["hash"].flatMap({ AuditHash(hex: $0) })
        else { return .unreadable }
        return .head(
            AuditHead(tenant: tenant, place: AuditPlace(seq: seq, hash: hash), occurredAt: fields["occurredAt"].flatMap { RFC3339.dateTime($0) }))
    }

    private struct Members: Decodable {
        let message: String
        let tenantId: String?
        let seq: String?
        let hash: String?
        let occurredAt: String?

        var fields: [String: String] {
            ["tenantId": tenantId, "seq": seq, "hash": hash, "occurredAt": occurredAt].compactMapValues(\.self)
        }
    }
}

/// The heads that are to be logged. Only the holder of the lease gets any.
package protocol AuditHeads: Sendable {
    /// Takes the lease for `holder` if no round was finished since `time` and nobody else is at one. It lasts five minutes, and every
    /// ``due(behind:most:as:)`` prolongs it.
    func claim(by holder: UUID, ifNotDoneSince time: Date) async throws -> Bool

    /// Up to `most` heads that have moved since they were last logged, in the order of their tenants, behind `tenant`. None where the
    /// lease is another's now.
    func due(behind tenant: TenantID?, most: Int, as holder: UUID) async throws -> [AuditHead]

    /// These are in the log now.
    func note(_ heads: [AuditHead]) async throws

    /// The round is done; false: the lease was another's by then.
    func finish(by holder: UUID) async throws -> Bool
}
