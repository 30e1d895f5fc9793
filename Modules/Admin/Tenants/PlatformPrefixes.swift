package import Domain
import FoundationEssentials

/// The prefixes that tenants' foreign tokens may have. All functions throw ``Refusal``; changes take a fresh session.
package struct PlatformPrefixes: Sendable {
    private let store: any PlatformPrefixStore
    private let now: Now
    private let changed: @Sendable () async -> Void

    /// - Parameter changed: called behind each change, so that this node knows of it at once.
    package init(store: any PlatformPrefixStore, now: @escaping Now, changed: @escaping @Sendable () async -> Void) {
        self.store = store
        self.now = now
        self.changed = changed
    }

    /// nil: the tenant was granted none.
    package func prefix(of tenant: TenantID, as person: Person) async throws -> GrantedPrefix? {
        try person.requirePlatformAdmin()
        return try await store.prefix(of: tenant)
    }

    /// Lets a tenant import tokens that begin so. The same once more changes nothing.
    package func grant(_ prefix: ForeignPrefix, to tenant: TenantID, as person: Person, from origin: Origin) async throws -> GrantedPrefix {
        let audit = AuditEntry(
            .tokenPrefixGranted, of: .tenant(tenant), by: .user(person.id), from: origin, at: try person.timeOfPlatformChange(now),
            changes: ["prefix": prefix.text, "length": "\(prefix.length)", "alphabet": prefix.alphabet])
        if !prefix.faults.isEmpty { throw Refusal.invalid(prefix.faults) }
        let granted = try await store.grant(prefix, to: tenant, by: person.id, audit)
        await changed()
        return granted
    }

    /// Takes a tenant's prefix back: what was imported under it is refused from now on, and taken again when the tenant is granted it anew.
    package func withdraw(from tenant: TenantID, as person: Person, from origin: Origin) async throws {
        let audit = AuditEntry(
            .tokenPrefixWithdrawn, of: .tenant(tenant), by: .user(person.id), from: origin, at: try person.timeOfPlatformChange(now))
        try await store.withdraw(from: tenant, audit)
        await changed()
    }
}
