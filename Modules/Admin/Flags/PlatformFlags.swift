package import Domain
import FoundationEssentials

/// What platform administrators do about features. All functions throw ``Refusal``; changes take a fresh session.
package struct PlatformFlags: Sendable {
    private let store: any PlatformFlagStore
    private let now: Now
    private let changed: @Sendable () async -> Void

    /// - Parameter changed: called behind each change, so that it holds on this node when it is answered.
    package init(store: any PlatformFlagStore, now: @escaping Now, changed: @escaping @Sendable () async -> Void) {
        self.store = store
        self.now = now
        self.changed = changed
    }

    package func flags(as person: Person) async throws -> [PlatformFlag] {
        try person.requirePlatformAdmin()
        return try await store.flags()
    }

    /// Sets what a flag is for everybody.
    package func set(
        _ flag: FeatureFlag, to change: FlagChange, because reason: String, if precondition: Precondition, as person: Person, from origin: Origin
    ) async throws -> PlatformFlag {
        let audit = AuditEntry(
            .featureFlagChanged, of: .featureFlag(flag), by: .user(person.id), from: origin, at: try person.timeOfPlatformChange(now),
            changes: ["reason": reason])
        let answer = try await store.set(flag, to: change, if: precondition, audit)
        await changed()
        return answer
    }

    /// Sets what a flag is for one tenant, whatever it is for the others.
    package func override(
        _ flag: FeatureFlag, for tenant: TenantID, with isEnabled: Bool, because reason: String, if precondition: Precondition, as person: Person,
        from origin: Origin
    ) async throws -> PlatformFlag {
        let audit = AuditEntry(
            .featureFlagOverridden, of: .featureFlag(flag), by: .user(person.id), from: origin, at: try person.timeOfPlatformChange(now),
            changes: ["reason": reason])
        let answer = try await store.override(
            flag, for: tenant, with: isEnabled, reason: reason, by: person.id, if: precondition, audit)
        await changed()
        return answer
    }

    /// Lets one tenant have what the others have again.
    package func removeOverride(
        of flag: FeatureFlag, for tenant: TenantID, because reason: String?, if precondition: Precondition, as person: Person,
        from origin: Origin
    ) async throws -> PlatformFlag {
        let audit = AuditEntry(
            .featureFlagOverrideRemoved, of: .featureFlag(flag), by: .user(person.id), from: origin, at: try person.timeOfPlatformChange(now),
            changes: ["reason": reason])
        let answer = try await store.removeOverride(of: flag, for: tenant, if: precondition, audit)
        await changed()
        return answer
    }
}
