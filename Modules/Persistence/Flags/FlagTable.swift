package import Domain
import FoundationEssentials
import Postgres

/// The flags as every node follows them.
package struct FlagTable: FlagSource {
    private let database: AuthDatabase

    package init(_ database: AuthDatabase) { self.database = database }

    /// Where each change is notified, without a word: what changed is in the tables.
    package static let channel = "tessera_feature_flags"

    package func snapshot(since revision: Int?) async throws -> FlagSnapshot? {
        // A handful of flags, read in full, many times a minute; the overrides by tenant_feature_flags_flag_idx, and only when a version moved.
        // One statement, so that both are of one moment.
        let rows = try await database.query(
            """
            SELECT f.key, f.version, f.default_enabled, f.killed, f.rollout_percent, o.tenant_id, o.enabled
            FROM tessera.feature_flags f LEFT JOIN tessera.tenant_feature_flags o
                ON o.flag_key = f.key AND (SELECT sum(version) FROM tessera.feature_flags) <> \(Int64(revision ?? -1))
            """
        )
        var versions: [String: Int] = [:]
        var states: [FeatureFlag: FlagState] = [:]
        for row in rows {
            let (key, version, defaultEnabled, killed, rolloutPercent, tenant, isEnabled) = try row.decode(
                String.self, Int.self, Bool.self, Bool.self, Int.self, UUID?.self, Bool?.self)
            versions[key] = version
            // A flag of another version of the code counts as a version, so that the sum is the database's, and for nothing else.
            guard let flag = FeatureFlag(rawValue: key) else { continue }
            if states[flag] == nil {
                states[flag] = FlagState(defaultEnabled: defaultEnabled, killed: killed, rolloutPercent: rolloutPercent)
            }
            if let tenant, let isEnabled { states[flag]?.overrides[TenantID(tenant)] = isEnabled }
        }
        let current = versions.values.reduce(0, +)
        return current == revision ? nil : FlagSnapshot(states: states, revision: current)
    }
}
