package import FoundationEssentials

/// Which tokens a bulk revocation means: those that fit every member that is given and are not revoked yet.
package struct TokenSelection: Sendable {
    /// Everybody's, not only one's own.
    package var all = false
    package var ids: [TokenID]?
    package var owner: SubjectID?
    /// Part of the name or the visible prefix, in any case.
    package var search: String?
    package var neverExpires: Bool?
    /// Not used for so many days, nor made since.
    package var idleDays: Int?
    package var createdBefore: Date?

    package init() {}

    /// Whether nothing says which.
    package var isEmpty: Bool {
        !all && ids == nil && owner == nil && search == nil && neverExpires == nil && idleDays == nil && createdBefore == nil
    }

    package static let idBounds = 1...500
    package static let idleBounds = 1...3650
}

/// What a bulk revocation met.
package struct BulkRevocation: Sendable {
    package let matched: Int
    package let revoked: Int
}

extension Tokens {
    /// How many tokens are revoked in one transaction.
    private static let step = 500

    /// Revokes all tokens of a selection, or only counts them.
    ///
    /// - Parameter expected: how many they must be; nil only counts.
    /// Throws ``ErrorCode/preconditionFailed`` if there are more or fewer by now: then nothing is revoked.
    package func revoke(
        _ selection: TokenSelection, expected: Int?, as principal: Principal, from origin: Origin
    ) async throws -> BulkRevocation {
        try principal.require(.tokensWrite)
        var selection = selection
        if selection.owner == nil, !selection.all { selection.owner = principal.subject.id }
        if selection.owner != principal.subject.id { try principal.require(.tenantTokensWrite) }
        let time = now().microseconds
        let matched = try await store.tokens(selected: selection, in: principal.tenant.id, at: time)
        guard let expected else { return BulkRevocation(matched: matched.count, revoked: 0) }
        guard matched.count == expected else {
            throw Refusal(.preconditionFailed, "\(matched.count) tokens match now, not \(expected): look at them again, and repeat the count.")
        }
        let reason = "bulk revocation"
        var revoked = 0
        for start in stride(from: 0, to: matched.count, by: Self.step) {
            let ids = Array(matched[start..<min(start + Self.step, matched.count)])
            let audit = AuditEntry(
                .tokenRevoked, of: .tenant(principal.tenant.id), by: principal.auditActor, from: origin, at: time, changes: ["reason": reason])
            let ended = try await store.revoke(ids, in: principal.tenant.id, reason: reason, audit)
            for id in ended { log.record(.tokenRevoked(id, principal.tenant.id, by: principal.subject.id)) }
            revoked += ended.count
        }
        return BulkRevocation(matched: matched.count, revoked: revoked)
    }
}
