import Domain
package import FoundationEssentials
import Postgres

/// The usage log's partitions, through the owner's functions.
package struct PartitionTable: UsagePartitions {
    private let database: JobsDatabase

    package init(_ database: JobsDatabase) { self.database = database }

    package func ensure(_ day: Date) async throws {
        _ = try await database.query("SELECT tessera.usage_partition_ensure((\(day) AT TIME ZONE 'UTC')::date)")
    }

    package func starts() async throws -> [Date] {
        try await database.query("SELECT day::timestamp AT TIME ZONE 'UTC' FROM tessera.usage_partitions() AS day").decode(Date.self)
    }

    package func drop(_ start: Date) async throws {
        _ = try await database.query("SELECT tessera.usage_partition_drop((\(start) AT TIME ZONE 'UTC')::date)")
    }
}
