package import FoundationEssentials

/// A place in a tenant's chain of audit entries: the entry of that number, and its hash.
package struct AuditPlace: Hashable, Sendable {
    /// From 1; 0 is before the first.
    package let seq: Int64
    package let hash: AuditHash

    package init(seq: Int64, hash: AuditHash) {
        self.seq = seq
        self.hash = hash
    }

    /// Where a chain begins of which nothing was dropped.
    package static let beginning = AuditPlace(seq: 0, hash: AuditHash(bytes: []))
}

/// The SHA-256 of an entry and of the hash before it; empty before the first.
package struct AuditHash: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }

    /// Of 64 hexadecimal digits; nil for anything else.
    package init?(hex text: some StringProtocol) {
        let digits = text.compactMap(\.hexDigitValue)
        guard text.utf8.count == 64, digits.count == 64 else { return nil }
        bytes = stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// In lower-case hexadecimal digits.
    package var description: String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

/// An entry as verification sees it.
package struct AuditLink: Sendable {
    package let seq: Int64
    package let id: UUID
    /// What it says the hash before it is.
    package let previousHash: AuditHash
    /// What it says its hash is.
    package let hash: AuditHash
    /// What its hash should be, by its content and ``previousHash``.
    package let digest: AuditHash

    package init(seq: Int64, id: UUID, previousHash: AuditHash, hash: AuditHash, digest: AuditHash) {
        self.seq = seq
        self.id = id
        self.previousHash = previousHash
        self.hash = hash
        self.digest = digest
    }
}

/// Where a chain should begin and end, all read at one moment.
package struct AuditBounds: Sendable {
    /// nil: there is none, as for a tenant without entries.
    package let head: AuditPlace?
    /// The last entry that was dropped; nil: none was.
    package let anchor: AuditPlace?
    /// The highest number there is.
    package let newest: Int64?

    package init(head: AuditPlace?, anchor: AuditPlace?, newest: Int64?) {
        self.head = head
        self.anchor = anchor
        self.newest = newest
    }
}

/// The chains of all tenants, for whoever verifies them.
package protocol AuditChains: Sendable {
    /// Up to `most` tenants with a head, an anchor or entries, in the order of their ids, behind `tenant` (nil: from the first).
    func tenants(behind tenant: TenantID?, most: Int) async throws -> [TenantID]

    func bounds(of tenant: TenantID) async throws -> AuditBounds

    /// Up to `most` entries with numbers over `seq` and at most `last`, in order; and the anchor as it is once they were read.
    func links(of tenant: TenantID, behind seq: Int64, through last: Int64, most: Int) async throws -> (links: [AuditLink], anchor: AuditPlace?)

    /// What is at each of these places now, in the same order.
    func places(of heads: [AuditHead]) async throws -> [AuditPlaceNow]
}

/// What is where a head once was.
package struct AuditPlaceNow: Sendable {
    /// nil: there is no entry of that number.
    package let hash: AuditHash?
    /// The tenant's anchor.
    package let anchor: AuditPlace?

    package init(hash: AuditHash?, anchor: AuditPlace?) {
        self.hash = hash
        self.anchor = anchor
    }
}
