import Domain
import FoundationEssentials

/// Counts each token's refusals of the running minute, so that a client that hammers a dead token can't fill the log.
struct RefusalWindow {
    private var minute = 0
    private var counts: [TokenID: Int] = [:]

    /// Whether `record` becomes a row: successes always, refusals up to `limit` a token and minute.
    mutating func lists(_ record: UsageRecord, atMost limit: Int) -> Bool {
        guard [401, 403, 429].contains(record.status) else { return true }
        let minute = Int(record.occurredAt.timeIntervalSince1970 / 60)
        // Requests end out of order: one of the last minute counts in this one, or the two would reset each other.
        if minute > self.minute {
            self.minute = minute
            counts.removeAll(keepingCapacity: true)
        }
        counts[record.token, default: 0] += 1
        return counts[record.token, default: 0] <= limit
    }
}
