package import FoundationEssentials

/// Walks over the chains of audit entries and says where one is broken.
package struct AuditVerification: Sendable {
    private let chains: any AuditChains
    private let retentionDays: Int
    private let now: Now

    /// Entries that are read at a time.
    private static let step = 2000
    private static let tenantsAtATime = 500

    /// - Parameter retentionDays: how long entries are kept: a younger one that was dropped was not dropped by the product.
    package init(chains: any AuditChains, retentionDays: Int, now: @escaping Now) {
        self.chains = chains
        self.retentionDays = retentionDays
        self.now = now
    }

    /// What was looked at so far.
    package struct Progress: Sendable {
        package var tenants = 0
        package var entries = 0
    }

    /// Verifies the chain of `tenant`, or every chain. Answers the first fault of each; `report` hears now and then how far it is.
    package func faults(of tenant: TenantID?, _ report: (Progress) -> Void) async throws -> (faults: [AuditFault], progress: Progress) {
        var (faults, progress): ([AuditFault], Progress) = ([], Progress())
        func verify(_ tenant: TenantID) async throws {
            if let kind = try await fault(of: tenant, &progress, report) { faults.append(AuditFault(tenant: tenant, kind: kind)) }
            progress.tenants += 1
            report(progress)
        }
        if let tenant {
            try await verify(tenant)
            return (faults, progress)
        }
        var last: TenantID?
        while true {
            let tenants = try await chains.tenants(behind: last, most: Self.tenantsAtATime)
            for tenant in tenants { try await verify(tenant) }
            guard tenants.count == Self.tenantsAtATime else { return (faults, progress) }
            last = tenants.last
        }
    }

    /// Which of `heads`, logged once, are no longer in their chains. Up to a few thousand at a time.
    package func faults(of heads: [AuditHead]) async throws -> [AuditFault] {
        let oldest = now() - Double(retentionDays) * 86_400
        return zip(heads, try await chains.places(of: heads)).compactMap { head, place in
            fault(of: head, place, oldest).map { AuditFault(tenant: head.tenant, kind: $0) }
        }
    }

    private func fault(of head: AuditHead, _ place: AuditPlaceNow, _ oldest: Date) -> AuditFault.Kind? {
        let seq = head.place.seq
        if let hash = place.hash { return hash == head.place.hash ? nil : .otherThanLogged(seq) }
        guard let anchor = place.anchor, anchor.seq >= seq else { return .loggedAndGone(seq) }
        if anchor.seq == seq, anchor.hash != head.place.hash { return .otherThanLogged(seq) }
        if let occurredAt = head.occurredAt, occurredAt > oldest { return .droppedTooSoon(seq, days: retentionDays) }
        return nil
    }

    private func fault(of tenant: TenantID, _ progress: inout Progress, _ report: (Progress) -> Void) async throws -> AuditFault.Kind? {
        let bounds = try await chains.bounds(of: tenant)
        guard let head = bounds.head else { return bounds.newest == nil && bounds.anchor == nil ? .noChain : .noHead }
        if let newest = [bounds.newest, bounds.anchor?.seq].compactMap(\.self).max(), newest > head.seq {
            return .behindHead(newest, head: head.seq)
        }
        var place = bounds.anchor ?? .beginning
        while place.seq < head.seq {
            let (links, anchor) = try await chains.links(of: tenant, behind: place.seq, through: head.seq, most: Self.step)
            for link in links {
                if link.seq != place.seq + 1 {
                    // Housekeeping may have dropped what was next since the walk began.
                    guard let anchor, anchor.seq > place.seq, anchor.seq == link.seq - 1 else { return .missing(place.seq + 1...link.seq - 1) }
                    place = anchor
                }
                guard link.previousHash == place.hash else { return .unlinked(link.seq, link.id) }
                guard link.digest == link.hash else { return .changed(link.seq, link.id) }
                place = AuditPlace(seq: link.seq, hash: link.hash)
            }
            progress.entries += links.count
            report(progress)
            if links.isEmpty {
                guard let anchor, anchor.seq > place.seq else { return .cutOff(after: place.seq, head: head.seq) }
                place = anchor
            }
        }
        return place.seq == head.seq && place.hash != head.hash ? .otherThanHead(head.seq) : nil
    }
}

/// Where a chain is broken.
package struct AuditFault: Equatable, Sendable, CustomStringConvertible {
    package let tenant: TenantID
    package let kind: Kind

    package init(tenant: TenantID, kind: Kind) {
        self.tenant = tenant
        self.kind = kind
    }

    /// Numbers are those of entries, from 1.
    package enum Kind: Equatable, Sendable {
        /// Neither entries nor a head.
        case noChain
        case noHead
        case changed(Int64, UUID)
        case unlinked(Int64, UUID)
        case missing(ClosedRange<Int64>)
        case cutOff(after: Int64, head: Int64)
        case behindHead(Int64, head: Int64)
        case otherThanHead(Int64)
        case loggedAndGone(Int64)
        case otherThanLogged(Int64)
        case droppedTooSoon(Int64, days: Int)
    }

    /// One sentence for the operator.
    package var description: String {
        let what =
            switch kind {
            case .noChain: "there are neither audit rows nor a head."
            case .noHead: "there are audit rows, but no head: the head was removed."
            case .changed(let seq, let id): "row \(seq) (id \(id.lowercased)) was changed: its hash isn't that of its content."
            case .unlinked(let seq, let id):
                "row \(seq) (id \(id.lowercased)) doesn't continue from row \(seq - 1), which was changed together with its hash, or put in its place."
            case .missing(let range) where range.count == 1: "row \(range.lowerBound) was removed."
            case .missing(let range): "rows \(range.lowerBound) to \(range.upperBound) were removed."
            case .cutOff(let last, let head): "the chain ends with row \(last) and its head says row \(head): the rows behind \(last) were cut off."
            case .behindHead(let row, let head): "there is a row \(row) behind the chain's end at row \(head)."
            case .otherThanHead(let seq): "row \(seq) is the last one, but another than the head says."
            case .loggedAndGone(let seq): "row \(seq) was the last one once, as the log says, and is gone: rows were cut off together with the head."
            case .otherThanLogged(let seq): "row \(seq) is another one than the log said when it was the last: the chain was written anew."
            case .droppedTooSoon(let seq, let days):
                "row \(seq) was dropped although it is not \(days) days old; unless audit.retentionDays was raised since, somebody else did that."
            }
        return "Tenant \(tenant): \(what)"
    }
}
