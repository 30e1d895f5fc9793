package import Domain
import FoundationEssentials

/// Limits that platform administrators set for one tenant. All functions throw ``Refusal``; changes take a fresh session.
package struct PlatformLimits: Sendable {
    private let store: any TenantLimitStore
    private let now: Now
    private let changed: @Sendable () async -> Void

    /// - Parameter changed: called behind each change, so that this node knows of it at once.
    package init(store: any TenantLimitStore, now: @escaping Now, changed: @escaping @Sendable () async -> Void) {
        self.store = store
        self.now = now
        self.changed = changed
    }

    package func limits(of tenant: TenantID, as person: Person) async throws -> VersionedTenantLimits {
        try person.requirePlatformAdmin()
        return try await store.limits(of: tenant)
    }

    /// Sets all limits of a tenant; other nodes know within a second. Throws ``ErrorCode/preconditionFailed``.
    package func setLimits(
        _ limits: TenantLimits, of tenant: TenantID, if precondition: Precondition, as person: Person, from origin: Origin
    ) async throws -> VersionedTenantLimits {
        let time = try person.timeOfPlatformChange(now)
        var changes: [String: String?] = ["shadow": limits.shadow.map(\.rawValue).sorted().joined(separator: " ")]
        for kind in TenantLimits.Kind.allCases {
            changes[kind.rawValue] = .some(limits.rates[kind].map { "\($0.requests)/\($0.windowSeconds)" })
        }
        let audit = AuditEntry(.tenantLimitsChanged, of: .tenant(tenant), by: .user(person.id), from: origin, at: time, changes: changes)
        let stored = try await store.setLimits(limits, of: tenant, if: precondition, by: person.id, audit)
        await changed()
        return stored
    }
}
