package import FoundationEssentials

/// Where recorded usage is stored for good.
package protocol UsageSink: Sendable {
    /// Stores a batch, its rollups and each token's activity in one transaction, once: a batch whose numbers are stored
    /// already (its COMMIT got lost) is passed over. Throws if nothing was stored; the same batch may then be tried again.
    func store(_ batch: UsageBatch) async throws
}

/// The database refuses a batch for what is in it: trying the same again is of no use.
package struct UsageRejected: Error {
    /// For the log.
    package let reason: String

    package init(reason: String) { self.reason = reason }
}

/// Consecutive records of one recorder.
package struct UsageBatch: Sendable {
    /// The recorder's life: new with every start.
    package let incarnation: UUID
    /// The number of the first and last record, from 1 without a gap.
    package let sequence: ClosedRange<Int>
    package let entries: [Entry]

    package init(incarnation: UUID, sequence: ClosedRange<Int>, entries: [Entry]) {
        self.incarnation = incarnation
        self.sequence = sequence
        self.entries = entries
    }

    package struct Entry: Sendable {
        package let record: UsageRecord
        /// Whether it becomes a row; otherwise it only counts in the rollups.
        package let isListed: Bool

        package init(record: UsageRecord, isListed: Bool) {
            self.record = record
            self.isListed = isListed
        }
    }
}

/// Takes a record without waiting, from any thread.
package protocol UsageRecording: Sendable {
    func record(_ record: UsageRecord)
}

/// Makes and drops the partitions of the usage log.
package protocol UsagePartitions: Sendable {
    /// Makes the partition of the week that contains `day`, if it is missing.
    func ensure(_ day: Date) async throws
    /// The first day of each partition there is, oldest first.
    func starts() async throws -> [Date]
    /// Drops the partition that begins at `start`. Throws where the rollups don't account for its rows.
    func drop(_ start: Date) async throws
}
