package import FoundationEssentials

/// A foreign prefix that is in force: tokens that begin so are looked for in that tenant and nowhere else.
package struct PrefixGrant: Sendable {
    package let tenant: TenantID
    package let prefix: ForeignPrefix

    package init(tenant: TenantID, prefix: ForeignPrefix) {
        self.tenant = tenant
        self.prefix = prefix
    }
}

/// The grants that are in force, for whoever verifies credentials.
package protocol PrefixGrants: Sendable {
    func grants() async throws -> [PrefixGrant]
}

/// A tenant's grant, as platform administrators see it.
package struct GrantedPrefix: Sendable {
    package let prefix: ForeignPrefix
    package let grantedAt: Date

    package init(prefix: ForeignPrefix, grantedAt: Date) {
        self.prefix = prefix
        self.grantedAt = grantedAt
    }
}

/// Grants as platform administrators make them; all functions throw ``Refusal/notFound`` for a tenant that isn't there. Each change is
/// stored with its audit entry, in the log of the tenant it is about.
package protocol PlatformPrefixStore: Sendable {
    /// nil: it was granted none.
    func prefix(of tenant: TenantID) async throws -> GrantedPrefix?

    /// Grants a prefix to a tenant that has none, and answers it; the same once more changes nothing.
    ///
    /// Throws ``ErrorCode/prefixTaken`` if the tenant has another one, or if one that is in force begins with it or the other way round.
    func grant(_ prefix: ForeignPrefix, to tenant: TenantID, by person: UserID, _ audit: AuditEntry) async throws -> GrantedPrefix

    /// Takes a tenant's prefix back. Where it has none, nothing changes.
    func withdraw(from tenant: TenantID, _ audit: AuditEntry) async throws
}
