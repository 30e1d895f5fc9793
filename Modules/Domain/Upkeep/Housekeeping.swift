package import FoundationEssentials

/// The rounds of housekeeping over all tenants' tokens and audit logs. Only the holder of the lease gets anything done.
package protocol Housekeeping: Sendable {
    /// Takes the lease for `holder` if no round was finished since `time` and nobody else is at one. It lasts five minutes, and every
    /// step prolongs it.
    func claim(by holder: UUID, ifNotDoneSince time: Date) async throws -> Bool

    /// Does up to `most` of `chore`. Answers how many; nil: the lease is another's now.
    func step(_ chore: Chore, most: Int, as holder: UUID) async throws -> Int?

    /// The round is done; false: the lease was another's by then.
    func finish(by holder: UUID) async throws -> Bool
}

/// What housekeeping does.
package enum Chore: Sendable, Hashable {
    /// Revokes tokens that their tenants' policies refuse for idleness.
    case retireIdle
    /// Makes tombstones of tokens that ended that many days ago.
    case bury(afterDays: Int)
    /// Deletes old notices.
    case forgetNotices
    /// Drops audit entries that old from the start of their chains.
    case dropAudit(afterDays: Int)

    /// For metrics and logs.
    package var name: String {
        switch self {
        case .retireIdle: "idle_tokens_revoked"
        case .bury: "ended_tokens_buried"
        case .forgetNotices: "old_notices_deleted"
        case .dropAudit: "old_audit_entries_dropped"
        }
    }
}
